"""The whole run, small."""

import pytest

from benchmarks.__main__ import QUICK, main


def test_the_quick_run_measures_the_real_daemon_and_prints_the_closing_line_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--quick"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("round 1: floor p50 ")
    assert lines[-1].startswith("bench: first request p50 ")
    assert QUICK.rounds == 1
