"""Gathers the program's texts, brings every language's catalogue in step with them, and compiles the catalogues.

    python packaging/translations.py           make translations
    python packaging/translations.py fr        begin a language

What is new stands untranslated in the .po file, what is gone is left out; a text that merely changed is not guessed at.
"""

from __future__ import annotations

import argparse
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from aesthetic_studio import __version__  # noqa: E402
from aesthetic_studio.translation import DOMAIN  # noqa: E402

PACKAGES = ("aesthetic_studio", "trainer")
FOLDER = REPOSITORY / "resources" / "translations"
KEYWORDS = {
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "kept": ((1, "c"), 2),
}
"""The functions of ``aesthetic_studio/translation.py`` that hold a text."""
TEAM = "Aesthetic Studio contributors"
WIDTH = 120
ALWAYS = datetime(2025, 1, 1, tzinfo=UTC)
"""The files say no time, so that they change with the texts alone."""


def gathered() -> Catalog:
    """The texts of the sources."""
    catalogue = _empty(None)
    for package in PACKAGES:
        for name, _line, text, comments, context in extract_from_dir(
            REPOSITORY / package, [("**.py", "python")], keywords=KEYWORDS, comment_tags=["Translators:"]
        ):
            catalogue.add(text, None, [(f"{package}/{name}", None)], context=context, auto_comments=comments)
    return catalogue


def updated(path: Path, template: Catalog) -> Catalog:
    """A language's catalogue with exactly the texts of the template."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parts[-3])
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = catalogue.revision_date = ALWAYS
    return catalogue


def compiled(path: Path) -> bytes:
    """What a .po file compiles to."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parts[-3])
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def catalogues() -> list[Path]:
    """The .po file of every language."""
    return sorted(FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def _empty(locale: str | None) -> Catalog:
    return Catalog(
        locale=locale,
        domain=DOMAIN,
        header_comment="# The texts of Aesthetic Studio.",
        project="aesthetic-studio",
        copyright_holder=TEAM,
        creation_date=ALWAYS,
        revision_date=ALWAYS,
        version=__version__,
        msgid_bugs_address=TEAM,
        last_translator=TEAM,
        language_team=TEAM,
        fuzzy=False,
    )


def _written(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=WIDTH, sort_by_file=True, no_location=True)
    return buffer.getvalue()


def main() -> int:
    """Gather, update, compile."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", nargs="?", help="the code of a language to begin, such as fr")
    begun = parser.parse_args().language
    template = gathered()
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{DOMAIN}.pot").write_bytes(_written(template))
    if begun:
        path = FOLDER / begun / "LC_MESSAGES" / f"{DOMAIN}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(_written(_empty(begun)))
    for path in catalogues():
        catalogue = updated(path, template)
        path.write_bytes(_written(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(path))
        missing = sum(1 for message in catalogue if message.id and not _is_whole(message.string))
        print(f"{path.parts[-3]}: {len(catalogue)} texts, {missing} not translated")
    return 0


def _is_whole(string: str | tuple[str, ...]) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


if __name__ == "__main__":
    raise SystemExit(main())
