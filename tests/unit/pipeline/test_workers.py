"""A damaged file may kill or stall a decoder; the program, and every other file, goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.pipeline.decode_worker import Decoders, Job, Kind
from aesthetic_studio.pipeline.workers import Answer, DecodePool


def _misbehave(path: str) -> str:
    """A decoder that does to its process what the file's name says."""
    name = Path(path).name
    if name.startswith("crash"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("once") and not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("hang"):
        signal.pause()
    if name.startswith("bad"):
        raise UnreadablePhoto(path, "it is damaged", "Restore it.")
    if name.startswith("bug"):
        raise ZeroDivisionError("ours")
    if name.startswith("memory"):
        raise MemoryError
    if name.startswith("chatty"):
        os.write(2, b"native decoders complain")
    return name


def _load() -> Decoders:
    return _misbehave, lambda path: path.encode()[:16]  # type: ignore[return-value]


def _cannot_load() -> Decoders:
    raise ImportError("no such decoder")


def _dies_loading() -> Decoders:
    os._exit(7)


def _run(pool: DecodePool, names: list[str], job: Job = Job.DECODE) -> dict[str, Answer]:
    """Put every name through the pool and return its answer by name."""
    try:
        for number, name in enumerate(names):
            pool.submit(number, job, name)
        answers: dict[str, Answer] = {}
        while pool.in_flight:
            for answer in pool.collect(5.0):
                assert names[answer.number] not in answers, "one answer a file"
                answers[names[answer.number]] = answer
        return answers
    finally:
        pool.stop()


@pytest.fixture
def pool() -> DecodePool:
    return DecodePool(2, start_method="fork", load=_load)


def test_every_file_is_answered_once(pool: DecodePool) -> None:
    names = [f"photo {number}" for number in range(50)]
    answers = _run(pool, names)
    assert {name: (answer.kind, answer.payload) for name, answer in answers.items()} == {
        name: (Kind.FACTS, name) for name in names
    }


def test_a_crash_costs_only_the_file_that_caused_it(pool: DecodePool) -> None:
    names = ["a", "crash 1", "b", "c", "crash 2", "d", "e", "f"]
    answers = _run(pool, names)
    assert {name for name, answer in answers.items() if answer.kind == Kind.CRASHED} == {"crash 1", "crash 2"}
    assert "SIGSEGV" in str(answers["crash 1"].payload)
    assert all(answers[name].kind == Kind.FACTS for name in "abcdef")


def test_a_file_that_failed_for_want_of_memory_beside_another_gets_a_second_chance(
    pool: DecodePool, tmp_path: Path
) -> None:
    name = str(tmp_path / "once")
    assert _run(pool, ["a", name, "b"])[name].kind == Kind.FACTS


def test_a_file_that_takes_for_ever_is_given_up() -> None:
    pool = DecodePool(2, start_method="fork", time_limit_s=0.3, load=_load)
    answers = _run(pool, ["hang", "a", "b", "c", "d"])
    assert answers["hang"].kind == Kind.TIMED_OUT
    assert all(answers[name].kind == Kind.FACTS for name in "abcd")


def test_an_unreadable_file_says_why_and_what_to_do(pool: DecodePool) -> None:
    assert _run(pool, ["bad"])["bad"].payload == ("it is damaged", "Restore it.")


def test_a_bug_of_ours_costs_one_photo_and_keeps_its_traceback(pool: DecodePool) -> None:
    answers = _run(pool, ["bug", "a"])
    assert answers["bug"].kind == Kind.BROKEN
    reason, trace = answers["bug"].payload  # type: ignore[misc]
    assert reason == "ZeroDivisionError: ours"
    assert "_misbehave" in trace
    assert answers["a"].kind == Kind.FACTS


def test_running_out_of_memory_is_told_as_such(pool: DecodePool) -> None:
    answer = _run(pool, ["memory"])["memory"]
    assert answer.kind == Kind.UNREADABLE
    assert "memory" in str(answer.payload)


def test_native_decoders_do_not_write_on_the_terminal(pool: DecodePool, capfd: pytest.CaptureFixture[str]) -> None:
    _run(pool, ["chatty"])
    assert capfd.readouterr() == ("", "")


def test_a_program_without_its_decoder_blames_no_photo() -> None:
    with pytest.raises(RuntimeError, match="no such decoder"):
        _run(DecodePool(2, start_method="fork", load=_cannot_load), ["a"])
    with pytest.raises(RuntimeError, match="exit code 7"):
        _run(DecodePool(2, start_method="fork", load=_dies_loading), ["a"])


def test_a_worker_ends_when_its_parent_is_gone(pool: DecodePool) -> None:
    """What is left after a kill -9 must not stay for ever: the pipe's end is the worker's end."""
    pool.start()
    _pids = [worker.process for worker in pool._workers]
    for worker in pool._workers:
        worker.connection.close()
    for process in _pids:
        process.join(10.0)
        assert process.exitcode == 0


def test_stopping_does_not_wait_for_the_file_in_hand(pool: DecodePool) -> None:
    pool.submit(0, Job.DECODE, "hang")
    processes = [worker.process for worker in pool._workers]
    pool.stop()
    for process in processes:
        process.join(5.0)
        assert process.exitcode == -signal.SIGKILL


def test_file_names_that_are_not_text_reach_the_worker(pool: DecodePool) -> None:
    name = os.fsdecode(b"caf\xe9 \xff.jpg")
    assert _run(pool, [name])[name].payload == name
