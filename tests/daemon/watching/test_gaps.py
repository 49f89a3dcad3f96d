from datetime import timedelta
from typing import Any

from risk_manager.daemon.watching.gaps import Gap, Gaps
from tests.daemon.virtual_time import START


class Notes:
    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.gaps = Gaps(lambda _, body: self.bodies.append(body))

    def begin(self, seconds: int = 0) -> None:
        since = START + timedelta(seconds=seconds)
        self.gaps.begin(("user", "trader"), since=since, accounts=[8, 7], reason="lost")


def test_a_gap_is_told_when_it_is_over_from_its_first_beginning() -> None:
    notes = Notes()
    notes.begin()
    notes.begin(10)
    assert notes.bodies == []
    notes.gaps.end(("user", "trader"), at=START + timedelta(seconds=12))
    (gap,) = notes.bodies
    assert (gap["from"], gap["seconds"], gap["accounts"], gap["bridged_by"]) == (START, 12.0, [7, 8], "nothing")


def test_what_bridged_a_gap_is_counted_for_its_own_login() -> None:
    notes = Notes()
    notes.begin()
    notes.gaps.read_instead("trader")
    notes.gaps.read_instead("another")
    notes.gaps.end(("user", "trader"), at=START)
    assert notes.bodies[0]["bridged_by"] == "REST, 1 readings"


def test_the_end_of_what_never_began_is_nothing() -> None:
    notes = Notes()
    notes.gaps.end(("user", "trader"), at=START)
    assert notes.bodies == []


def test_a_gap_that_is_known_only_afterwards_is_told_at_once() -> None:
    notes = Notes()
    gap = Gap(since=START, accounts=(7,), reason="sleep")
    notes.gaps.ended("machine", "trader", gap, at=START + timedelta(hours=1), bridged_by="a picture")
    assert (notes.bodies[0]["part"], notes.bodies[0]["seconds"]) == ("machine", 3600.0)
    assert notes.gaps.open_now == {}


def test_a_gap_that_ends_before_it_began_by_a_clock_that_starts_anew_lasts_no_time() -> None:
    notes = Notes()
    notes.begin(1)
    notes.gaps.end(("user", "trader"), at=START)
    (gap,) = notes.bodies
    assert (gap["seconds"], gap["to"]) == (0.0, gap["from"])
