import subprocess
import sys
from pathlib import Path

import pytest

from risk_manager.config.turn import taken

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
