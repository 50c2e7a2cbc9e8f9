"""Words that people wrote are found wherever they lie; what cameras write by themselves, and damage, is none."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging import words as reading
from aesthetic_studio.imaging import xmp_words
from aesthetic_studio.imaging.decode import read_facts
from aesthetic_studio.imaging.word_files import read_words
from aesthetic_studio.imaging.words import words_of
from aesthetic_studio.imaging.xmp_words import MalformedXmp
from aesthetic_studio.records import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def packet(body: str = "", attributes: str = "") -> bytes:
    """An XMP packet around some properties."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'{attributes}>{body}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def alternatives(name: str, **texts: str) -> str:
    items = "".join(
        f'<rdf:li xml:lang="{language.replace("_", "-")}">{text}</rdf:li>' for language, text in texts.items()
    )
    return f"<dc:{name}><rdf:Alt>{items}</rdf:Alt></dc:{name}>"


def bag(*keywords: str) -> str:
    return f"<dc:subject><rdf:Bag>{''.join(f'<rdf:li>{each}</rdf:li>' for each in keywords)}</rdf:Bag></dc:subject>"


def iptc_segment(*records: tuple[int, bytes]) -> bytes:
    """An APP13 segment as Photoshop writes it, with records of IPTC's section 2."""
    data = b"".join(b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(text)) + text for number, text in records)
    resource = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(data)) + data + b"\0" * (len(data) % 2)
    body = b"Photoshop 3.0\0" + resource
    return b"\xff\xed" + struct.pack(">H", 2 + len(body)) + body


def wide(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


# -- where words lie -----------------------------------------------------------------------------------------------


def test_exif_texts_are_read(jpeg: Callable[..., Path], exif_block: Callable[..., bytes]) -> None:
    block = exif_block(
        {0x010E: (2, "Fog over the bay"), 0x9C9B: (7, wide("Zürich früh")), 0x9C9E: (7, wide("fog; bay ;Fog"))}
    )
    said = read_facts(str(jpeg(exif=block))).metadata
    assert said.caption == "Zürich früh\nFog over the bay"
    assert said.keywords == ("fog", "bay")


@pytest.mark.parametrize(
    "raw",
    [
        b"ASCII\0\0\0A quiet street",
        b"\0" * 8 + b"A quiet street\0\0\0",
        b"UNICODE\0" + "A quiet street".encode("utf-16-le"),
        b"UNICODE\0" + "A quiet street".encode("utf-16-be"),
    ],
    ids=["ascii", "undefined", "little endian", "big endian"],
)
def test_a_comment_is_read_in_every_encoding_it_names(raw: bytes) -> None:
    assert words_of({"user_comment": raw}, b"", {}) == Words("A quiet street")


@pytest.mark.parametrize(
    "junk", [b"ASCII\0\0\0" + b" " * 56, b"\0" * 64, b'\0\0\0\0\0\0\0\0{"a": 1}', b"ASCII\0\0\0" + b"Q" * 90]
)
def test_a_comment_that_holds_no_words_is_none(junk: bytes) -> None:
    assert not words_of({"user_comment": junk}, b"", {})


def test_iptc_records_are_read(jpeg: Callable[..., Path]) -> None:
    path = jpeg()
    data = path.read_bytes()
    segment = iptc_segment(
        (5, b"The ferry"), (25, "Küste".encode()), (25, b"ferry"), (120, "Vor Büsum".encode("latin-1"))
    )
    path.write_bytes(data[:2] + segment + data[2:])
    said = read_facts(str(path)).metadata
    assert (said.caption, said.keywords) == ("The ferry\nVor Büsum", ("Küste", "ferry"))


def test_an_embedded_packet_is_read_and_comes_before_the_rest(
    jpeg: Callable[..., Path], exif_block: Callable[..., bytes]
) -> None:
    xmp = packet(alternatives("description", de="Hafen", x_default="Harbour") + bag("boats", "sea"))
    path = jpeg(exif=exif_block({0x010E: (2, "the older caption"), 0x9C9E: (7, wide("SEA;mist"))}), xmp=xmp)
    said = read_facts(str(path)).metadata
    assert (said.caption, said.keywords) == ("Harbour", ("boats", "sea", "mist"))


@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_words_are_read_of_other_formats_too(tmp_path: Path, suffix: str) -> None:
    xmp = packet(alternatives("title", x_default="In another format"))
    path = tmp_path / f"a.{suffix}"
    options: dict[str, object] = {"xmp": xmp}
    if suffix == "png":
        options = {"pnginfo": PngImagePlugin.PngInfo()}
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode())  # type: ignore[attr-defined]
    if suffix == "tif":
        options = {"tiffinfo": {700: xmp, 270: "never mind"}}
    Image.new("RGB", (64, 48), (9, 99, 9)).save(path, **options)  # type: ignore[arg-type]
    assert (read_facts(str(path)).metadata.caption or "").startswith("In another format")
    assert read_words(str(path)) == read_facts(str(path)).metadata.words


def test_a_property_may_be_an_attribute_or_a_plain_element() -> None:
    found = xmp_words.parse(packet("<dc:description>plain</dc:description>", 'dc:title="short &amp; good"'))
    assert (found.title, found.description) == ("short & good", "plain")


def test_a_title_that_its_description_repeats_is_said_once() -> None:
    xmp = packet(alternatives("title", x_default="Harbour") + alternatives("description", x_default="harbour at noon"))
    assert words_of({}, xmp, {}).caption == "harbour at noon"


def test_a_header_tells_the_same_words_as_a_decode(jpeg: Callable[..., Path], exif_block: Callable[..., bytes]) -> None:
    path = jpeg(exif=exif_block({0x010E: (2, "Fog over the bay")}), xmp=packet(bag("fog")))
    assert read_words(str(path)) == read_facts(str(path)).metadata.words == Words("Fog over the bay", ("fog",))


# -- what are no words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "talk",
    [
        "OLYMPUS DIGITAL CAMERA", "SONY DSC", "KONICA MINOLTA DIGITAL CAMERA", "Digital StillCamera", "NOVATEK CAMERA",
        "Exif_JPEG_PICTURE", "default", "000007", "IMG_1234", "DSC01234.JPG", r"DCIM\100MEDIA\DJI_0012.JPG", "   ", "…",
        "Canon EOS 5D", "canon",
    ],
)  # fmt: skip
def test_what_a_camera_writes_by_itself_is_no_caption(talk: str) -> None:
    assert not words_of({"image_description": talk.encode()}, b"", {}, ("Canon", "Canon EOS 5D"))


@pytest.mark.parametrize(
    "said", ["My father's digital camera", "Summer 2019", "Photo of my dog", "Camera club", "1 €uro"]
)
def test_what_a_person_writes_is_kept(said: str) -> None:
    assert words_of({"image_description": said.encode()}, b"", {}).caption == said


def test_texts_are_bounded() -> None:
    xmp = packet(alternatives("description", x_default="a b " * 9000) + bag(*(f"word{n}" * 40 for n in range(2000))))
    said = words_of({}, xmp, {})
    assert len(said.caption or "") <= reading.MAX_CAPTION
    assert len(said.keywords) == reading.MAX_KEYWORDS
    assert max(map(len, said.keywords)) <= reading.MAX_KEYWORD


def test_a_packet_with_a_document_type_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + packet(alternatives("title", x_default="&b;"))
    with pytest.raises(MalformedXmp, match="document type"):
        xmp_words.parse(bomb)
    assert not words_of({}, bomb, {})


def test_a_packet_that_nests_without_end_is_refused() -> None:
    with pytest.raises(MalformedXmp, match="deeply"):
        xmp_words.parse(b"<a>" * 100_000)


def test_a_packet_that_is_far_too_large_is_refused() -> None:
    with pytest.raises(MalformedXmp, match="larger"):
        xmp_words.parse(b" " * (xmp_words.MAX_PACKET + 1))


def test_a_broken_letter_costs_no_more_than_itself() -> None:
    xmp = packet(alternatives("title", x_default="Caf@ au lait")).replace(b"@", b"\xe9\x01")
    said = words_of({}, xmp, {}).caption or ""
    assert said.startswith("Caf")
    assert said.endswith("au lait")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_packet_may_be_in_any_encoding_that_xml_knows(encoding: str) -> None:
    assert words_of({}, packet(alternatives("title", x_default="Früh")).decode().encode(encoding), {}).caption == "Früh"


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["image_description", "user_comment", "xp_title", "xp_keywords"]),
        st.one_of(
            st.binary(max_size=80),
            st.text(max_size=40),
            st.integers(),
            st.tuples(st.integers(0, 300)),
            st.binary(max_size=40).map(lambda tail: b"UNICODE\0" + tail),
        ),
    ),
    st.one_of(st.binary(max_size=120), st.binary(max_size=30).map(lambda part: packet("<dc:title>") + part)),
    st.dictionaries(
        st.sampled_from([(2, 5), (2, 25), (2, 120)]), st.one_of(st.binary(), st.lists(st.binary()), st.none())
    ),
)
def test_no_bytes_whatever_stop_the_reading(texts: dict[str, object], xmp: bytes, iptc: dict[object, object]) -> None:
    said = words_of(texts, xmp, iptc)
    said.text.encode()
    assert (said.caption or "x").replace("\n", " ").isprintable()
    assert all(keyword.isprintable() and keyword for keyword in said.keywords)


# -- sidecars ------------------------------------------------------------------------------------------------------


def test_a_sidecar_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.XMP"
    path.write_bytes(packet(alternatives("description", x_default="From the boat") + bag("sea")))
    assert read_words(str(path)) == Words("From the boat", ("sea",))


def test_a_malformed_sidecar_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.xmp"
    path.write_bytes(b"<x:xmpmeta")
    with pytest.raises(UnreadablePhoto, match="damaged"):
        read_words(str(path))
    with pytest.raises(UnreadablePhoto):
        read_words(str(tmp_path / "nothing.xmp"))


def test_real_sidecars_of_other_programs_are_read(real_data: Path) -> None:
    found = {path.name.split("-")[0]: read_words(str(path)) for path in (real_data / "sidecars").glob("*.xmp")}
    assert found["APhotoManager"] == Words("Title2\nDescription2", ("tagA2", "tagB2"))
    assert found["digikam"] == Words("2014-Drachenfest-Waterfront-Bremen", ("test3", "test", "test2"))
    assert "Muenchen" in found["exiftool"].keywords
    assert "GarmischPartenkirchen" in found["jPhotoTagger"].keywords


def test_real_photos_tell_their_words_and_no_camera_talk(real_data: Path) -> None:
    said = {path.name: read_words(str(path)) for path in (real_data / "photos" / "jpeg").glob("*.jpg")}
    lightroom = said.pop("Canon EOS-1D Mark III (via Adobe Lightroom).jpg")
    assert (lightroom.caption, lightroom.keywords[:2]) == (
        "iptc status-title\ncaption",
        ("2008", "2008-09-btcc-brands-hatch"),
    )
    assert {name: words for name, words in said.items() if words} == {}
