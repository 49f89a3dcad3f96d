import pytest

from risk_manager.admin.metrics_view import follow_metrics, lines
from tests.admin.desk import Desk, running_daemon


def test_the_daemons_figures_are_told(desk: Desk) -> None:
    with running_daemon(desk):
        assert desk.command("metrics") == 0
    assert "state             live" in desk.told
    assert "requests          7 of 200 in the last minute (trader)" in desk.told
    assert "first request     nothing measured yet" in desk.told


def test_without_the_daemon_there_are_none(desk: Desk) -> None:
    assert desk.command("metrics") == 3


def test_they_are_told_again_and_again_until_it_is_stopped(desk: Desk) -> None:
    def pause(_: float) -> None:
        raise KeyboardInterrupt

    with running_daemon(desk), pytest.raises(KeyboardInterrupt):
        follow_metrics(desk.office(), every=1, pause=pause)
    assert desk.said[-1] == ""


def test_lengths_memory_and_breaches_have_their_units() -> None:
    told = lines(
        {
            "state": "degraded",
            "first_request_ms": {"p50": 0.4, "p99": 1.25},
            "memory_bytes": 45_600_000,
            "breaches": {"max_contracts": 2},
            "enforcements": {"started": 2, "proven": 2},
        },
        detail="user stream lost",
    )
    assert "state             degraded: user stream lost" in told
    assert "first request     p50 0.4 ms, p99 1.25 ms" in told
    assert "memory            45.6 MB" in told
    assert "enforcements      2 started, 2 proven" in told
    assert "breaches          2 max_contracts" in told
