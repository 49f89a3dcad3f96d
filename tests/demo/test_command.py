"""The demo: the whole main job, told line by line."""

import re

import pytest

from risk_manager.demo.command import DONE, FAILED, demo, summary, verdict
from risk_manager.demo.trader import Outcome


@pytest.mark.e2e
def test_every_breach_of_the_story_is_enforced_and_proven_and_nothing_else_is_touched() -> None:
    lines: list[str] = []
    code = demo(seconds=120, seed=1, say=lines.append)
    assert [line for line in lines if "!!!" in line] == []
    assert code == DONE
    told = re.fullmatch(
        r"demo: (\d+) breaches, (\d+) enforced, (\d+) proven flat, first request p50 [\d.]+ ms p99 [\d.]+ ms", lines[-1]
    )
    assert told is not None
    assert told[1] == told[2] == told[3]
    assert int(told[1]) >= 13


def breach(*, enforced: bool = True, proven: bool = True) -> Outcome:
    return Outcome("b", is_breach=True, enforced=enforced, proven=proven, latency_ms=2.0)


def test_a_breach_that_was_not_enforced_or_not_proven_fails_the_demo() -> None:
    assert verdict([breach()]) == DONE
    assert verdict([breach(), breach(enforced=False)]) == FAILED
    assert verdict([breach(), breach(proven=False)]) == FAILED


def test_a_deed_that_must_not_be_stopped_and_was_fails_the_demo() -> None:
    assert verdict([breach(), Outcome("fine", is_breach=False)]) == DONE
    assert verdict([breach(), Outcome("fine", is_breach=False, enforced=True)]) == FAILED
    assert verdict([breach(), Outcome("fine", is_breach=False, detail="was not left alone")]) == FAILED


def test_a_story_that_never_began_fails_the_demo() -> None:
    assert verdict([]) == FAILED
    assert summary([]).startswith("demo: 0 breaches, 0 enforced, 0 proven flat")
