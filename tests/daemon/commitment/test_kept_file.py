"""A file that cannot be written is tried again, told once, and told at the end."""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from risk_manager.daemon.commitment import kept_file
from risk_manager.daemon.commitment.kept_file import TRY_AGAIN, KeptFile
from risk_manager.daemon.logs import open_logs
from tests.daemon.virtual_time import in_virtual_time, until


def full(path: Path, _: str) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def play(path: Path, scene: Callable[[KeptFile], Awaitable[object]]) -> list[str]:
    """Return what was told."""
    told: list[str] = []

    async def run() -> None:
        file = KeptFile(path, trouble=lambda code, text: told.append(f"{code}: {text}"))
        running = asyncio.create_task(file.run())
        await scene(file)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        file.finish()

    in_virtual_time(run())
    return told


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_a_file_on_a_full_disk_is_told_once_and_written_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    close_logs = open_logs(lambda name: tmp_path / name)
    monkeypatch.setattr(kept_file, "write_privately", full)

    async def scene(file: KeptFile) -> None:
        file.put("one")
        await asyncio.sleep(3 * TRY_AGAIN)
        file.put("two")
        await asyncio.sleep(3 * TRY_AGAIN)
        monkeypatch.undo()
        await until(lambda: text_of(path) == "two")
        monkeypatch.setattr(kept_file, "write_privately", full)
        file.put("three")
        await asyncio.sleep(3 * TRY_AGAIN)
        monkeypatch.undo()
        await until(lambda: text_of(path) == "three")

    told = play(path, scene)
    close_logs()
    assert [f"COMMITMENT_NOT_KEPT: {path} cannot be written" in one for one in told] == [True, True]
    assert text_of(tmp_path / "daemon").count("written_again") == 2


def test_what_was_not_written_yet_is_written_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"

    async def scene(file: KeptFile) -> None:
        file.put("last")

    assert play(path, scene) == []
    assert text_of(path) == "last"


def test_what_cannot_be_written_at_the_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.mkdir()

    async def scene(file: KeptFile) -> None:
        file.put("last")

    (told,) = play(path, scene)
    assert told.startswith(f"COMMITMENT_NOT_KEPT: {path} cannot be written")


def test_a_file_of_which_nothing_was_ever_said_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"

    async def scene(_: KeptFile) -> None:
        await asyncio.sleep(TRY_AGAIN)

    assert play(path, scene) == []
    assert not path.exists()
