import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from risk_manager.config import turn
from risk_manager.config.turn import lock_file, taken

HOLDER = """
import sys, pathlib
from risk_manager.config.turn import taken
with taken(pathlib.Path(sys.argv[1])):
    print("taken", flush=True)
    sys.stdin.read()
"""


def test_who_comes_second_waits_for_his_turn(tmp_path: Path) -> None:
    path = tmp_path / "data" / "a.lock"
    waits: list[float] = []
    first = taken(path)
    first.__enter__()

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            first.__exit__(None, None, None)

    with taken(path, pause=pause):
        assert len(waits) == 3


def test_a_turn_that_does_not_end_is_waited_for_no_longer_than_a_moment(tmp_path: Path) -> None:
    waits: list[float] = []
    with (
        taken(tmp_path / "a.lock"),
        pytest.raises(OSError, match="another program has its turn"),
        taken(tmp_path / "a.lock", pause=waits.append),
    ):
        pass
    assert sum(waits) < 1


def test_a_turn_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "taken\n"
        with pytest.raises(OSError, match="another program"), taken(path, pause=lambda _: None):
            pass
        holder.kill()
        holder.wait()
    with taken(path):
        pass


def test_a_disk_that_locks_nothing_is_told_as_that_and_not_as_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locks_nothing(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(turn, "lock_file", locks_nothing)
    waits: list[float] = []
    with pytest.raises(OSError, match="No locks available: nothing can be locked there"):
        taken(tmp_path / "a.lock", pause=waits.append).__enter__()
    assert waits == []


class Library:
    """Stands for the locks of Windows' C library, which answers with one error."""

    LK_NBLCK = 2

    def __init__(self, answer: int) -> None:
        self.answer = answer

    def locking(self, descriptor: int, mode: int, size: int) -> None:
        assert (os.lseek(descriptor, 0, os.SEEK_CUR), mode, size) == (1 << 30, self.LK_NBLCK, 1)
        raise OSError(self.answer, os.strerror(self.answer))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (errno.EACCES, BlockingIOError),
        (errno.EDEADLK, BlockingIOError),
        (0, BlockingIOError),
        (errno.ENOENT, BlockingIOError),
        (errno.EINVAL, OSError),
        (errno.EBADF, OSError),
        (errno.ENOLCK, OSError),
    ],
)
def test_on_windows_only_a_lock_that_another_has_counts_as_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int, told: type[OSError]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(turn, "msvcrt", Library(answer), raising=False)
    descriptor = os.open(tmp_path / "a.lock", os.O_RDWR | os.O_CREAT)
    try:
        with pytest.raises(OSError, match=r".") as raised:
            lock_file(descriptor)
    finally:
        os.close(descriptor)
    assert raised.type is told
