"""Every text can be said in another language, and none that the library keeps is lost on the way."""

from __future__ import annotations

import ast
import gettext
import importlib.util
import re
import string
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aesthetic_studio import translation
from aesthetic_studio.translation import BETWEEN, DOMAIN, N_, Texts, _, best_of, from_environment, kept, retold

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(REPOSITORY / "aesthetic_studio").rglob("*.py"), *(REPOSITORY / "trainer").rglob("*.py")])
FOLDER = translation.translations_folder()
TRANSLATED = [code for code in translation.languages() if code != translation.ENGLISH]


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    translation.use(translation.ENGLISH)


# -- which language ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (["de"], "de"),
        (["de_AT.UTF-8"], "de"),
        (["de-Latn-DE"], "de"),
        (["fr_FR", "de_DE"], "de"),
        (["en_GB", "de"], "en"),
        (["xx"], "en"),
        (["C"], "en"),
        ([""], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_that_there_is_is_spoken_and_english_else(wanted: list[str], code: str) -> None:
    assert best_of(wanted) == code


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_DE.UTF-8"}, "de"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:de"}, "de"),
        ({"LANG": "C", "LANGUAGE": "de"}, "en"),
        ({"LC_ALL": "POSIX", "LANG": "de_DE"}, "en"),
        ({}, "en"),
    ],
)
def test_a_terminal_chooses_the_language_as_it_does_for_other_programs(environment: dict[str, str], code: str) -> None:
    assert best_of(from_environment(environment)) == code


def test_a_text_is_said_in_the_language_in_force_and_not_in_that_of_the_start() -> None:
    names = Texts({1: N_("Undo")})
    assert (_("Undo"), names[1]) == ("Undo", "Undo")

    translation.use("de")

    assert (_("Undo"), names[1]) == ("Rückgängig", "Rückgängig")


def test_a_text_that_no_translation_knows_stays_english() -> None:
    translation.use("de")

    assert _("No catalogue has this text") == "No catalogue has this text"


@pytest.mark.parametrize("content", [b"", b"no catalogue", b"\xde\x12\x04\x95" + b"\xff" * 40, None])
def test_a_broken_catalogue_leaves_english_and_a_line_in_the_log(
    content: bytes | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "de" / "LC_MESSAGES" / f"{DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content)

    translation.use("de", tmp_path)

    assert (translation.language(), _("Undo")) == ("en", "Undo")
    assert str(path) in caplog.text


# -- numbers -----------------------------------------------------------------------------------------------------------


def test_a_number_asks_for_its_form() -> None:
    translation.use("de")

    forms = [translation.ngettext("{number} photo", "{number} photos", n).format(number=n) for n in (0, 1, 2)]

    assert forms == ["0 Fotos", "1 Foto", "2 Fotos"]


def test_numbers_are_written_as_the_language_writes_them() -> None:
    said = (translation.whole(12345), translation.decimal(6.25), translation.percent(0.4), translation.inside("Name"))
    translation.use("de")
    german = (translation.whole(12345), translation.decimal(6.25), translation.percent(0.4), translation.inside("Name"))

    assert said == ("12,345", "6.2", "40%", "name")
    assert german == ("12.345", "6,2", "40 %", "Name")


# -- what the library keeps --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "stored", "german"),
    [
        ("reason", "2nd sharpest of 5", "zweitschärfstes von 5"),
        ("reason", "★★★, 3rd by score, first of 4 of its scene", "★★★, 3. nach Punkten, erste von 4 ihrer Szene"),
        ("reason", "0.7 EV under the others", "0,7 EV dunkler als die anderen"),
        ("undo", "rating 1,234 photos ★★★★", "1.234 Fotos mit ★★★★ bewerten"),
        ("undo", "picking 1 photo", "1 Foto auswählen"),
        ("problem", "the file holds a PDF document", "die Datei enthält: ein PDF-Dokument"),
        ("reason", "a reason of an older version", "a reason of an older version"),
        ("reason", "", ""),
    ],
)
def test_what_was_stored_in_english_is_said_in_the_language_in_force(context: str, stored: str, german: str) -> None:
    assert retold(context, stored) == stored

    translation.use("de")

    assert retold(context, stored) == german


def test_what_is_stored_is_english_whatever_language_is_spoken() -> None:
    translation.use("de")

    assert kept("reason", "eyes closed") == "eyes closed"


# -- the catalogues ----------------------------------------------------------------------------------------------------


def written_texts() -> set[str]:
    """Gather every marked text of the sources, by the key that gettext gives it."""
    found: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found |= texts_of(node.func.id, node)
    return found


def texts_of(name: str, call: ast.Call) -> set[str]:
    texts = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if name in ("_", "N_") and texts:
        return {texts[0]}
    if name == "ngettext":
        return {texts[0]}
    if name in ("pgettext", "kept") and len(texts) == 2:
        return {BETWEEN.join(texts)}
    return set()


def catalogue_of(code: str) -> dict[Any, str]:
    with (FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        known: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return known


def keys_of(known: dict[Any, str]) -> set[str]:
    return {key[0] if isinstance(key, tuple) else key for key in known} - {""}


def test_german_is_there() -> None:
    assert "de" in TRANSLATED


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_of_the_program_is_translated(code: str) -> None:
    """After a change of a text: ``make translations``, then translate what is new."""
    assert written_texts() - keys_of(catalogue_of(code)) == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_holds_nothing_that_the_program_no_longer_says(code: str) -> None:
    assert keys_of(catalogue_of(code)) - written_texts() == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_places_keys_and_lines_of_its_text(code: str) -> None:
    """A place that is not in the text would end in a traceback, a key that is lost could not be shown."""
    for key, said in catalogue_of(code).items():
        text = (key[0] if isinstance(key, tuple) else key).rpartition(BETWEEN)[2]
        places, own = ({name for _, name, _, _ in string.Formatter().parse(each) if name} for each in (text, said))
        if text:
            assert own <= places, said
            assert own == places or text.startswith("{number} "), said
            assert sorted(re.findall(r"\[[a-z_.0-9]+\]", said)) == sorted(re.findall(r"\[[a-z_.0-9]+\]", text))
            assert said.count("\n") == text.count("\n")


def test_the_files_are_what_the_sources_and_the_po_files_make() -> None:
    pytest.importorskip("babel", reason="the compiler of the translations is a tool of development")
    specification = importlib.util.spec_from_file_location("translations", REPOSITORY / "packaging/translations.py")
    assert specification is not None
    assert specification.loader is not None
    tool = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tool)
    template = tool.gathered()

    with (FOLDER / f"{DOMAIN}.pot").open("rb") as file:
        written = tool.read_po(file)
    assert {(each.context, str(each.id)) for each in written} == {(each.context, str(each.id)) for each in template}
    for path in tool.catalogues():
        assert path.with_suffix(".mo").read_bytes() == tool.compiled(path), "make translations"


SINKS = {
    "setText": 0,
    "setToolTip": 0,
    "setAccessibleName": 0,
    "setAccessibleDescription": 0,
    "setWindowTitle": 0,
    "setPlaceholderText": 0,
    "setInformativeText": 0,
    "show_message": 0,
    "show_working": 0,
    "set_empty_text": 0,
    "QLabel": 0,
    "QPushButton": 0,
    "QCheckBox": 0,
    "push_button": 0,
    "icon_button": 1,
    "text_label": 0,
    "heading_label": 0,
    "key_tip": 1,
    "key_text": 1,
    "needs": 0,
    "Command": 1,
    "addAction": 0,
    "addButton": 0,
    "tell": 0,
}
"""Functions of the window that show a text, and which of their arguments it is."""


def test_no_text_of_the_window_is_shown_untranslated() -> None:
    """A literal that goes straight to the screen was forgotten: mark it with ``_``, or ``N_`` for a reason."""
    found = []
    for path in (REPOSITORY / "aesthetic_studio" / "desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "emit" and ast.unparse(node.func).endswith("said.emit"):
                arguments = node.args[:1]
            else:
                arguments = node.args[SINKS[name] : SINKS[name] + 1] if name in SINKS else []
            found += [f"{path.name}: {words}" for each in arguments for words in unmarked(each)]
    assert found == []


def unmarked(node: ast.expr) -> list[str]:
    """Words written out in an expression, but for the program's own name."""
    if isinstance(node, ast.IfExp):
        return [*unmarked(node.body), *unmarked(node.orelse)]
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [each.value for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    bare = [re.sub(r"<[^>]*>|&\w+;|\[[a-z_.0-9]+\]", "", text) for text in texts]
    return [text for text in bare if re.search(r"[^\W\d_]{2}", text) and text != "Aesthetic Studio"]
