"""One file from the network, only when the user asked for it: with progress, resume, and its sha256 checked.

    url ──GET, from where the last try stopped──▶ NAME.part ──sha256──▶ NAME

Whatever ends a download, the part that arrived stays and the next call goes on there. Python's own ``urllib`` is enough
for that, and honours proxies and the system's certificates; the hub's library checks no sha256 and serves one hub only.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import json
import os
import re
import shutil
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any

from aesthetic_studio.errors import DownloadFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHUNK = 1 << 20
TIMEOUT_S = 30.0
"""Seconds without a byte after which a connection counts as broken."""
TRIES = 4
"""Connections that may break without having brought anything before the download is given up."""
LARGEST = 20 << 30
"""Bytes; no model of this program is larger, and no server shall fill the disk."""
ONLINE = "Check the connection and run the command again: it goes on where it stopped."

_GIT_DIGITS = 40
_DIGEST = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to be had.

    Attributes:
        url: Its https address.
        name: What it is called here.
        sha256: As known beforehand; empty where only the server can tell.
    """

    url: str
    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    """What a partial file is the beginning of."""

    url: str
    etag: str
    digest: str


@dataclass(slots=True)
class _Answer:
    """An opened connection and what its headers say, those of redirects included."""

    stream: IO[bytes]
    start: int
    size: int | None
    etag: str
    digest: str


def download(
    file: RemoteFile,
    folder: Path,
    *,
    report: Callable[[int, int | None], None] = lambda _done, _total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Path, str]:
    """Fetch a file into a folder and return where it lies and its sha256.

    What arrives is checked against the sha256 that the caller knows, or else against what the hub announces: sha256 of
    large files, git's own name of the content of small ones. A file that neither is known of is refused. ``report`` is
    told bytes done and in all. Raises ``DownloadFailed``; what arrived is kept, unless it is not what was announced.
    """
    target = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if file.sha256 and target.is_file() and _sha256(target) == file.sha256:
            return target, file.sha256
        return _Download(file, target, report, should_stop).run()
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise DownloadFailed(
                f"{target}: there is no room left on the disk.", "Free some and run the command again: it goes on."
            ) from error
        raise DownloadFailed(f"{target}: it cannot be written ({error.strerror or error}).", ONLINE) from error


class _Download:
    def __init__(
        self,
        file: RemoteFile,
        target: Path,
        report: Callable[[int, int | None], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._file = file
        self._target = target
        self._part = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")
        self._report = report
        self._should_stop = should_stop

    def run(self) -> tuple[Path, str]:
        fruitless = 0
        while True:
            before = self._arrived()
            try:
                wanted = self._try()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError, http.client.HTTPException) as error:
                fruitless = 0 if self._arrived() > before else fruitless + 1
                if fruitless >= TRIES or _hopeless(error):
                    raise DownloadFailed(f"{self._file.url}: {_reason(error)}.", ONLINE) from error
        found = _git_name(self._part) if len(wanted) == _GIT_DIGITS else _sha256(self._part)
        if found != wanted:
            self._forget()
            raise DownloadFailed(
                f"{self._file.url}: what arrived is not what was announced "
                f"({found[:12]}…, expected {wanted[:12]}…). It was thrown away.",
                "Run the command again. If it happens twice, the file was replaced where it came from.",
            )
        with self._part.open("rb") as stream:
            os.fsync(stream.fileno())
        digest = _sha256(self._part)
        self._part.replace(self._target)
        self._forget()
        return self._target, digest

    def _arrived(self) -> int:
        return self._part.stat().st_size if self._part.is_file() else 0

    def _try(self) -> str:
        """One connection, from where the part ends to the end. Returns the digest to expect."""
        state = self._state()
        start = self._arrived() if state else 0
        answer = _open(self._file.url, start, state.etag if state else "")
        wanted = self._file.sha256 or answer.digest
        with contextlib.closing(answer.stream):
            if not wanted:
                raise DownloadFailed(
                    f"{self._file.url}: the server does not say what the file must be (no sha256).",
                    "Download it yourself, check it, and run: aesthetic-studio models add FILE",
                )
            total = answer.size
            if total is not None and total > LARGEST:
                raise DownloadFailed(f"{self._file.url}: it is {total >> 30} GiB.", "No model of this program is.")
            if total is not None and shutil.disk_usage(self._target.parent).free < total - answer.start:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._note.write_text(json.dumps(asdict(_State(self._file.url, answer.etag, wanted))), encoding="utf-8")
            self._receive(answer, total)
        return wanted

    def _receive(self, answer: _Answer, total: int | None) -> None:
        done = answer.start
        with self._part.open("r+b" if answer.start else "wb") as part:
            part.seek(answer.start)
            part.truncate()
            while block := answer.stream.read(CHUNK):
                done += len(block)
                if done > min(LARGEST, total if total is not None else LARGEST):
                    raise DownloadFailed(f"{self._file.url}: more arrives than was announced.", "Do not trust it.")
                part.write(block)
                self._report(done, total)
                if self._should_stop():
                    raise KeyboardInterrupt
        if total is not None and done < total:
            raise http.client.IncompleteRead(b"", total - done)

    def _state(self) -> _State | None:
        """What the part on disk belongs to; ``None`` where it cannot be continued."""
        try:
            state = _State(**json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        known = state.url == self._file.url and (not self._file.sha256 or state.digest == self._file.sha256)
        return state if known and (state.etag or state.digest) else None

    def _forget(self) -> None:
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows https only, and remembers what each stop said of the file."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        self.said.update(
            {name.lower(): value for name, value in headers.items() if name.lower().startswith(("x-linked", "x-repo"))}
        )
        _check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(url: str, start: int, etag: str) -> _Answer:
    _check_address(url)
    headers = {"User-Agent": "aesthetic-studio", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if etag:
            headers["If-Range"] = etag
    redirects = _Redirects()
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the address was checked above
    stream = urllib.request.build_opener(redirects).open(request, timeout=TIMEOUT_S)
    said = {**{name.lower(): value for name, value in stream.headers.items()}, **redirects.said}
    resumed = stream.status == http.HTTPStatus.PARTIAL_CONTENT and said.get("content-range", "").startswith(
        f"bytes {start}-"
    )
    length = said.get("content-length", "")
    begun = start if resumed else 0
    linked = said.get("x-linked-etag", said.get("etag", "")).removeprefix("W/").strip('"')
    return _Answer(
        stream=stream,
        start=begun,
        size=begun + int(length) if length.isdigit() else None,
        etag=said.get("etag", ""),
        digest=linked if _DIGEST.fullmatch(linked) and "x-repo-commit" in said else "",
    )


def _check_address(url: str) -> None:
    """Refuse what is not https; a server on this machine itself may do without."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}):
        return
    raise DownloadFailed(f"{url}: this is not an https address.", "Nothing is fetched unencrypted.")


def _hopeless(error: BaseException) -> bool:
    """Whether trying again cannot help: the server answered and said no, or there is no such server."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code < http.HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, urllib.error.URLError) and not isinstance(error.reason, (TimeoutError, ConnectionError))


def _reason(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        return f"the server cannot be reached ({error.reason})"
    return f"the connection broke ({type(error).__name__})"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _git_name(path: Path) -> str:
    """The name that git gives to this content, which is how a hub announces small files."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
