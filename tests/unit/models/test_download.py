"""A download comes back whole and checked, goes on where it stopped, and never leaves half a file under its name."""

from __future__ import annotations

import hashlib
import http.server
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.errors import DownloadFailed
from aesthetic_studio.models import download as downloads
from aesthetic_studio.models.download import RemoteFile, download

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = bytes(range(256)) * 20_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """What the loopback server does; a test changes it."""

    url: str = ""
    content: bytes = CONTENT
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"one"'})
    redirect_headers: dict[str, str] = field(default_factory=dict)
    redirect_to: str = ""
    status: int = 0
    cut_after: list[int] = field(default_factory=list)
    """Bytes after which each connection in turn is broken off."""
    ranges: bool = True
    asked: list[str | None] = field(default_factory=list)
    """The Range header of each request."""


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", state.redirect_to)
                for name, value in state.redirect_headers.items():
                    self.send_header(name, value)
                self.end_headers()
                return
            state.asked.append(self.headers.get("Range"))
            if state.status:
                self.send_error(state.status)
                return
            start = 0
            fresh = self.headers.get("If-Range") in {None, state.headers.get("ETag")}
            if state.ranges and fresh and (asked := self.headers.get("Range")):
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(state.content) - 1}/{len(state.content)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(state.content) - start))
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()
            body = state.content[start:]
            if state.cut_after:
                self.wfile.write(body[: state.cut_after.pop(0)])
                self.close_connection = True
                return
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.handle_error = lambda *_: None  # a client that leaves early is part of these tests
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://127.0.0.1:{listener.server_address[1]}"
    yield state
    listener.shutdown()
    thread.join()
    listener.server_close()


def _leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_whole_and_checked(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    path, found = download(
        RemoteFile(f"{server.url}/file", "file.bin", SHA256), tmp_path, report=lambda *step: told.append(step)
    )
    assert path.read_bytes() == CONTENT
    assert found == SHA256
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert _leftovers(tmp_path) == ["file.bin"]


def test_a_broken_connection_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.cut_after = [1_000_000, 2_000_000]
    path, _ = download(RemoteFile(f"{server.url}/file", "file.bin", SHA256), tmp_path)
    assert path.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=1000000-", "bytes=3000000-"]


def test_a_download_that_was_stopped_goes_on_at_the_next_call(server: Server, tmp_path: Path) -> None:
    file = RemoteFile(f"{server.url}/file", "file.bin", SHA256)
    with pytest.raises(KeyboardInterrupt):
        download(file, tmp_path, should_stop=lambda: True)
    arrived = (tmp_path / "file.bin.part").stat().st_size
    assert 0 < arrived < len(CONTENT)
    assert not (tmp_path / "file.bin").exists()
    download(file, tmp_path)
    assert server.asked == [None, f"bytes={arrived}-"]
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


def test_a_file_that_changed_on_the_server_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        download(RemoteFile(f"{server.url}/file", "file.bin", SHA256), tmp_path, should_stop=lambda: True)
    server.content = CONTENT[::-1]
    server.headers = {"ETag": '"two"'}
    wanted = hashlib.sha256(server.content).hexdigest()
    path, _ = download(RemoteFile(f"{server.url}/file", "file.bin", wanted), tmp_path)
    assert path.read_bytes() == server.content


def test_a_server_that_knows_no_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    server.cut_after = [1_000_000]
    path, _ = download(RemoteFile(f"{server.url}/file", "file.bin", SHA256), tmp_path)
    assert path.read_bytes() == CONTENT


def test_a_file_that_is_here_already_is_not_asked_for(server: Server, tmp_path: Path) -> None:
    file = RemoteFile(f"{server.url}/file", "file.bin", SHA256)
    download(file, tmp_path)
    server.asked.clear()
    download(file, tmp_path)
    assert server.asked == []


def test_other_content_is_thrown_away_and_named(server: Server, tmp_path: Path) -> None:
    server.content = CONTENT[:-1] + b"!"
    with pytest.raises(DownloadFailed, match="not what was announced"):
        download(RemoteFile(f"{server.url}/file", "file.bin", SHA256), tmp_path)
    assert _leftovers(tmp_path) == []


@pytest.mark.parametrize("right", [True, False])
def test_the_hubs_announced_sha256_is_checked_across_its_redirect(
    server: Server, tmp_path: Path, *, right: bool
) -> None:
    server.redirect_to = f"{server.url}/file"
    announced = SHA256 if right else "0" * 64
    server.redirect_headers = {"X-Linked-Etag": f'"{announced}"', "X-Repo-Commit": "1" * 40}
    file = RemoteFile(f"{server.url}/moved", "file.bin")
    if right:
        assert download(file, tmp_path)[1] == SHA256
    else:
        with pytest.raises(DownloadFailed, match="not what was announced"):
            download(file, tmp_path)


def test_a_small_file_is_checked_by_gits_name_of_it(server: Server, tmp_path: Path) -> None:
    server.content = b"hello\n"
    server.headers = {"ETag": '"ce013625030ba8dba906f756967f9e9ca394464a"', "X-Repo-Commit": "1" * 40}
    assert download(RemoteFile(f"{server.url}/file", "vocab.txt"), tmp_path)[0].read_bytes() == b"hello\n"
    server.content = b"hullo\n"
    with pytest.raises(DownloadFailed, match="not what was announced"):
        download(RemoteFile(f"{server.url}/file", "other.txt"), tmp_path)


def test_a_file_that_nobody_vouches_for_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="no sha256"):
        download(RemoteFile(f"{server.url}/file", "file.bin"), tmp_path)
    assert _leftovers(tmp_path) == []


@pytest.mark.parametrize("address", ["http://example.org/file", "ftp://example.org/file", "file:///etc/passwd"])
def test_only_https_is_fetched(tmp_path: Path, address: str) -> None:
    with pytest.raises(DownloadFailed, match="not an https address"):
        download(RemoteFile(address, "file.bin", SHA256), tmp_path)


def test_a_redirect_cannot_leave_https(server: Server, tmp_path: Path) -> None:
    server.redirect_to = "http://example.org/file"
    with pytest.raises(DownloadFailed, match="not an https address"):
        download(RemoteFile(f"{server.url}/moved", "file.bin", SHA256), tmp_path)


def test_a_missing_file_is_named_at_once(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(DownloadFailed, match=r"/file: the server answers 404"):
        download(RemoteFile(f"{server.url}/file", "file.bin", SHA256), tmp_path)
    assert len(server.asked) == 1


def test_a_server_that_stays_broken_is_given_up(server: Server, tmp_path: Path) -> None:
    server.cut_after = [0] * 20
    with pytest.raises(DownloadFailed, match="the connection broke"):
        download(RemoteFile(f"{server.url}/file", "file.bin", SHA256), tmp_path)
    assert len(server.asked) == downloads.TRIES


def test_too_little_room_is_said_before_anything_arrives(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(DownloadFailed, match="no room left"):
        download(RemoteFile(f"{server.url}/file", "file.bin", SHA256), tmp_path)
    assert not (tmp_path / "file.bin").exists()


def test_an_absurd_size_is_refused(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "LARGEST", 1000)
    with pytest.raises(DownloadFailed, match="No model of this program is"):
        download(RemoteFile(f"{server.url}/file", "file.bin", SHA256), tmp_path)
