"""Any path may be handed to the decoder; only a photo's bytes come back, and never a wait."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from pathlib import Path

import pytest

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging import formats
from aesthetic_studio.imaging.decode import content_hash, load_upright, read_facts
from aesthetic_studio.imaging.source import Kind, hash_bytes, sniff


def test_identity_is_sixteen_bytes_of_the_whole_file(jpeg):
    path = jpeg()
    expected = hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
    assert content_hash(str(path)) == expected == read_facts(str(path)).content_hash == hash_bytes(path.read_bytes())


@pytest.mark.parametrize("reader", [read_facts, content_hash, load_upright])
def test_a_vanished_file_is_said_to_be_gone(tmp_path, reader):
    with pytest.raises(UnreadablePhoto, match="no longer there"):
        reader(str(tmp_path / "gone.jpg"))


@pytest.mark.parametrize("reader", [read_facts, content_hash, load_upright])
def test_a_folder_is_no_photo(tmp_path, reader):
    with pytest.raises(UnreadablePhoto, match="folder"):
        reader(str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("reader", [read_facts, content_hash, load_upright])
def test_a_pipe_named_like_a_photo_does_not_hang(tmp_path, reader):
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(UnreadablePhoto, match="pipe, socket or device"):
        reader(str(tmp_path / "pipe.jpg"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sockets in folders")
def test_a_socket_and_a_device_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.jpg")
        with pytest.raises(UnreadablePhoto, match="pipe, socket or device"):
            read_facts("s.jpg")
    with pytest.raises(UnreadablePhoto, match="pipe, socket or device"):
        read_facts("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_says_so(jpeg):
    path = jpeg()
    path.chmod(0)
    with pytest.raises(UnreadablePhoto, match="permission"):
        read_facts(str(path))


def test_a_refused_permission_says_so(jpeg, monkeypatch):
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = jpeg()
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadablePhoto, match="permission") as caught:
        read_facts(str(path))
    assert caught.value.advice


def test_a_failing_disk_is_told_from_a_damaged_file(jpeg, monkeypatch):
    def fail(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    path = jpeg()
    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(UnreadablePhoto, match="disk could not read"):
        read_facts(str(path))


def test_an_empty_file_says_so(tmp_path):
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(UnreadablePhoto, match="empty"):
        read_facts(str(tmp_path / "empty.jpg"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows needs a right to make links")
def test_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    with pytest.raises(UnreadablePhoto, match="leads to no file"):
        read_facts(str(tmp_path / "loop.jpg"))


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"Dear diary, this is no picture.\n", "text"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"%PDF-1.7 \x00", "PDF"),
        (b"PK\x03\x04\x00", "ZIP"),
        (b"\x00\x00\x00\x18ftypqt  \x00\x00\x00\x00", "a movie"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "a movie"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a sound"),
        (b"\x00" * 4096, "nothing but zeros"),
        (b"\x01\x02\x03\x04\x05", "none of the picture formats"),
        (b"%!PS-Adobe-3.0\x00", "PostScript"),
    ],
)
def test_a_mislabelled_file_is_told_for_what_it_is(tmp_path, start, what):
    path = tmp_path / "really.jpg"
    path.write_bytes(start)
    with pytest.raises(UnreadablePhoto, match=what) as caught:
        read_facts(str(path))
    assert caught.value.path == str(path)
    assert caught.value.advice


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="these systems keep names in Unicode")
def test_a_name_that_is_not_utf8_is_read_and_named(tmp_path, jpeg):
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")
    Path(odd).write_bytes(jpeg().read_bytes())
    assert read_facts(odd).format == "JPEG"
    os.truncate(odd, 0)
    with pytest.raises(UnreadablePhoto) as caught:
        read_facts(odd)
    assert caught.value.path == odd


def test_the_name_decides_only_between_tiff_and_raw():
    assert sniff(b"II*\0" + b"\0" * 60, "a.tif") is Kind.TIFF
    assert sniff(b"II*\0" + b"\0" * 60, "a.NEF") is Kind.RAW
    assert sniff(b"II*\0\x10\0\0\0CR\x02\0" + b"\0" * 60, "a.fuzzed") is Kind.RAW
    assert sniff(b"\xff\xd8\xff\xe0" + b"\0" * 60, "a.NEF") is Kind.JPEG
    assert sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "a") is Kind.AVIF
    assert sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", "a") is Kind.HEIF


def test_suffixes_are_lower_case_and_apart():
    families = (formats.PHOTO_SUFFIXES, formats.MOVIE_SUFFIXES, formats.SIDECAR_SUFFIXES)
    assert all(suffix == suffix.lower() and suffix[0] == "." for family in families for suffix in family)
    assert sum(map(len, families)) == len(frozenset().union(*families))
    assert formats.RAW_SUFFIXES < formats.PHOTO_SUFFIXES
