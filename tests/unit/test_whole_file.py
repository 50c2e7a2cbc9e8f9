"""A file for the person appears whole or not at all."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.errors import DiskFull, KnownError
from aesthetic_studio.whole_file import whole_file

if TYPE_CHECKING:
    from pathlib import Path


def test_it_appears_when_it_is_whole(tmp_path: Path) -> None:
    output = tmp_path / "new" / "list.csv"
    with whole_file(output, "list") as file:
        file.write("caf\udce9\n")
        assert not output.exists()
    assert output.read_bytes() == b"caf\xe9\n"
    assert list(output.parent.iterdir()) == [output]


@pytest.mark.parametrize(
    ("raised", "told", "words"),
    [
        (RuntimeError("a bug"), RuntimeError, "a bug"),
        (OSError(errno.EIO, "the disk is broken"), KnownError, "The list .*list.csv cannot be written: the disk is br"),
        (OSError(errno.ENOSPC, "full"), DiskFull, "There is no room to write the list"),
    ],
)
def test_what_was_there_stays_where_writing_fails(
    tmp_path: Path, raised: Exception, told: type[Exception], words: str
) -> None:
    output = tmp_path / "list.csv"
    output.write_text("before")
    with pytest.raises(told, match=words), whole_file(output, "list") as file:
        file.write("half")
        raise raised
    assert output.read_text() == "before"
    assert list(tmp_path.iterdir()) == [output]
