"""What the program says, in the person's language: GNU gettext's catalogues, looked up when a text is shown.

    _("Open {name}").format(name=name)          shown now
    N_("Open")                                  marked where it is written, looked up with _ where it is shown
    kept("reason", "best of {count}")           stored or handed on in English, retold where it is shown
    retold("reason", stored)                    the same text in the language in force

A language is a folder of ``resources/translations``; English is what the sources say. Command ids, stored values and
log lines stay as they are. Qt's own texts are the window's business.
"""

from __future__ import annotations

import gettext
import logging
import os
import re
import struct
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from aesthetic_studio.paths import resources_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

DOMAIN = "aesthetic_studio"
ENGLISH = "en"
SYSTEM = ""
"""The stored setting of a person who never chose a language."""
BETWEEN = "\x04"
"""What gettext's files write between a context and its text."""

Key = TypeVar("Key")


class _InForce:
    """The language that everything is said in."""

    language = ENGLISH
    catalogue: gettext.NullTranslations = gettext.NullTranslations()


def translations_folder() -> Path:
    """Where the catalogues lie, a folder for each language."""
    return resources_folder() / "translations"


def languages() -> list[str]:
    """List the languages there are, by code, English first."""
    found = sorted(path.parts[-3] for path in translations_folder().glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return [ENGLISH, *found]


def language() -> str:
    """The code of the language in force."""
    return _InForce.language


def best_of(wanted: Iterable[str]) -> str:
    """Find the first language of a list that there is, English where there is none.

    ``de_AT.UTF-8``, ``de-Latn-DE`` and ``de`` all ask for German.
    """
    there = languages()
    for name in wanted:
        plain = re.split(r"[.@]", name.replace("-", "_"))[0]
        for code in (plain, plain.partition("_")[0]):
            if code in there:
                return code
    return ENGLISH


def from_environment(environment: Mapping[str, str] | None = None) -> list[str]:
    """List the languages that the terminal asks for, as gettext does: a locale, and ``LANGUAGE`` before it."""
    values = os.environ if environment is None else environment
    locale = next((values[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if values.get(name)), "C")
    if re.split(r"[.@]", locale)[0] in ("C", "POSIX"):
        return []
    return [*filter(None, values.get("LANGUAGE", "").split(":")), locale]


def use(code: str, folder: Path | None = None) -> None:
    """Say everything in this language from now on. A catalogue that cannot be read is logged, and English is said."""
    _InForce.language, _InForce.catalogue = ENGLISH, gettext.NullTranslations()
    _templates.cache_clear()
    if code == ENGLISH:
        return
    path = (folder or translations_folder()) / code / "LC_MESSAGES" / f"{DOMAIN}.mo"
    try:
        with path.open("rb") as file:
            catalogue = gettext.GNUTranslations(file)
    except (OSError, ValueError, LookupError, struct.error) as problem:
        log.warning("the translation %s cannot be used, so English is: %s", path, problem)
        return
    _InForce.language, _InForce.catalogue = code, catalogue


def _(text: str) -> str:
    """Say a text in the language in force."""
    return _InForce.catalogue.gettext(text)


def ngettext(one: str, several: str, number: int) -> str:
    """Say a text in the form that a number asks for."""
    return _InForce.catalogue.ngettext(one, several, number)


def pgettext(context: str, text: str) -> str:
    """Say a text that means different things in different places."""
    return _InForce.catalogue.pgettext(context, text)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a text that is looked up later, with ``_``."""
    return text


def kept(context: str, text: str) -> str:
    """Mark a text that is stored or handed on in English and shown by ``retold`` with the same context."""
    return text


def retold(context: str, text: str) -> str:
    """Say an English text that was filled in and stored, in the language in force.

    It is compared with the texts that ``kept`` marks in this context; what stands in their places is retold too where
    it is such a text. One that none of them gave is shown as it is.
    """
    if BETWEEN in text or not text:
        return text
    said = pgettext(context, text)
    if said != text:
        return said
    for pattern, translated in _templates(context):
        if match := pattern.fullmatch(text):
            return translated.format(**{name: retold(context, value) for name, value in match.groupdict().items()})
    return _number(text) if NUMBER.fullmatch(text) else text


def _number(text: str) -> str:
    """A number as English writes it, with the marks of the language in force."""
    before, point, after = text.partition(".")
    marks = pgettext("between thousands", ","), pgettext("before a fraction", ".")
    return before.replace(",", marks[0]) + (marks[1] if point else "") + after


@cache
def _templates(context: str) -> list[tuple[re.Pattern[str], str]]:
    """The texts of a context that have places, as patterns beside their translations; the wordiest first."""
    known = getattr(_InForce.catalogue, "_catalog", {})
    texts = {
        key.removeprefix(context + BETWEEN): value
        for key, value in known.items()
        if isinstance(key, str) and key.startswith(context + BETWEEN) and "{" in key
    }
    wordiest = sorted(texts, key=lambda text: -len(PLACE.sub("", text)))
    return [(_pattern(text), texts[text]) for text in wordiest]


NUMBER = re.compile(r"[+−±]?\d+(,\d{3})*(\.\d+)?( EV)?")
PLACE = re.compile(r"\{(\w+)\}")


def _pattern(text: str) -> re.Pattern[str]:
    parts, seen = PLACE.split(text), set[str]()
    pattern = re.escape(parts[0])
    for name, after in zip(parts[1::2], parts[2::2], strict=True):
        pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+)"
        pattern += re.escape(after)
        seen.add(name)
    return re.compile(pattern, re.DOTALL)


class Texts(Mapping[Key, str]):
    """Texts by key that are known when the program is read in and looked up when one is asked for."""

    def __init__(self, texts: Mapping[Key, str]) -> None:
        self._texts = dict(texts)

    def __getitem__(self, key: Key) -> str:
        return _(self._texts[key])

    def __iter__(self) -> Iterator[Key]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def whole(number: int) -> str:
    """``12,345``, with the language's mark between thousands."""
    return f"{number:,}".replace(",", pgettext("between thousands", ","))


def decimal(number: float, digits: int = 1, sign: str = "") -> str:
    """``8.3``, with the language's mark before the fraction. ``sign`` is ``+`` where a plus is written too."""
    return f"{number:{sign}.{digits}f}".replace(".", pgettext("before a fraction", "."))


def percent(share: float, digits: int = 0) -> str:
    """``42%``, written as the language does."""
    return pgettext("a share", "{number}%").format(number=decimal(share * 100, digits))


def inside(noun: str) -> str:
    """A noun as it stands inside a sentence: without its capital, where the language has it so."""
    return noun if pgettext("nouns inside a sentence have a capital: yes or no", "no") == "yes" else noun.lower()
