"""Title, description and keywords of an XMP packet, whether embedded in a photo or in a sidecar beside it.

The packet is walked by expat as it comes and no tree is built. Anybody may have written it, so its size, depth and
texts are bounded, and a document type, which an XMP packet never has and every entity attack needs, is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_PACKET = 1 << 20
"""Bytes; a longer packet holds an edit history or pictures, and its words are not looked for."""

_MAX_DEPTH = 64
_MAX_TEXT = 8000
_MAX_ITEMS = 1000
_DC = "http://purl.org/dc/elements/1.1/ "
_RDF_ITEM = "http://www.w3.org/1999/02/22-rdf-syntax-ns# li"
_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"
_FIELDS = {f"{_DC}title": "title", f"{_DC}description": "description", f"{_DC}subject": "subject"}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


class MalformedXmp(ValueError):
    """The packet is no XML, or XML that no XMP is."""


@dataclass(slots=True)
class XmpWords:
    """What a packet says, as it is written there."""

    title: str = ""
    description: str = ""
    subject: list[str] = field(default_factory=list)


def parse(packet: bytes) -> XmpWords:
    """Read a packet's words. Raises ``MalformedXmp``."""
    if len(packet) > MAX_PACKET:
        raise MalformedXmp(f"it is larger than {MAX_PACKET >> 20} MB")
    text = _DECLARATION.sub("", _NOT_XML.sub(" ", _decoded(packet)), count=1).strip("\ufeff \t\r\n")
    walk = _Walk()
    try:
        walk.parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise MalformedXmp(str(error)) from error
    return walk.words()


def _decoded(packet: bytes) -> str:
    """Text of a packet, which may be UTF-8 or UTF-16; bytes that are neither are replaced."""
    if packet.startswith((b"\xff\xfe", b"\xfe\xff")):
        return packet.decode("utf-16", "replace")
    if packet[:1] == b"\0" or packet[1:2] == b"\0":
        return packet.decode("utf-16-be" if packet[:1] == b"\0" else "utf-16-le", "replace")
    return packet.decode("utf-8-sig", "replace")


class _Walk:
    """Gathers the texts of the three properties, be they lists, alternatives, plain elements or attributes."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self._found: dict[str, list[tuple[str, str]]] = {name: [] for name in _FIELDS.values()}
        self._depth = 0
        self._field = ""
        self._field_depth = 0
        self._language = ""
        self._gathered = ""

    def words(self) -> XmpWords:
        """Of alternatives in several languages, the default one or the first."""
        return XmpWords(
            title=self._default("title"),
            description=self._default("description"),
            subject=[text for _, text in self._found["subject"]],
        )

    def _default(self, name: str) -> str:
        texts = self._found[name]
        return next((text for language, text in texts if language == "x-default"), texts[0][1] if texts else "")

    def _refuse(self, *_: object) -> None:
        raise MalformedXmp("it declares a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise MalformedXmp("its elements are nested too deeply")
        if not self._field:
            for attribute, value in attributes.items():
                if attribute in _FIELDS:
                    self._keep(_FIELDS[attribute], "", value)
            if name in _FIELDS:
                self._field, self._field_depth = _FIELDS[name], self._depth
                self._language = self._gathered = ""
        elif name == _RDF_ITEM:
            self._language, self._gathered = attributes.get(_LANGUAGE, ""), ""

    def _end(self, name: str) -> None:
        if self._field and (name == _RDF_ITEM or self._depth == self._field_depth):
            self._keep(self._field, self._language, self._gathered)
            self._gathered = ""
        if self._field and self._depth == self._field_depth:
            self._field = ""
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._field:
            self._gathered = (self._gathered + text)[:_MAX_TEXT]

    def _keep(self, name: str, language: str, text: str) -> None:
        if text.strip() and len(self._found[name]) < _MAX_ITEMS:
            self._found[name].append((language, text[:_MAX_TEXT]))
