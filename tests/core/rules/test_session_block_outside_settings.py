"""RULE-009: how its hours and days are written, and which change of them loosens."""

from datetime import UTC, time
from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.rules.session_block_outside import SessionBlockOutside
from risk_manager.core.strictness import loosened

DAY = {"start": "08:30", "end": "15:00", "timezone": "America/Chicago"}
OVERNIGHT = {"start": "18:00", "end": "17:00", "timezone": "America/Chicago"}


def rule(session: dict[str, str] | None = DAY, **settings: Any) -> SessionBlockOutside:
    return SessionBlockOutside.model_validate({"global_session": session, **settings})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"global_session": {**DAY, "timezone": "Chicago"}},
        {"global_session": {**DAY, "timezone": "../etc"}},
        {"global_session": {**DAY, "start": "25:00"}},
        {"global_session": {**DAY, "start": 830}},
        {"global_session": DAY, "days": ["someday"]},
        {"global_session": DAY, "days": [1]},
        {"global_session": {"start": "08:30", "end": "15:00"}},
        {"per_instrument_sessions": {"ES": DAY, "es": DAY}},
    ],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SessionBlockOutside.model_validate(settings)


def test_days_and_times_may_be_written_out() -> None:
    written = rule({**DAY, "start": "8:30".zfill(5)}, days=["Monday", " TUE "])
    assert written.days == ("mon", "tue")
    settings = SessionBlockOutside.model_validate({"global_session": {**DAY, "start": time(8, 30)}}).global_session
    assert settings is not None
    assert settings.start == time(8, 30)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("global_session", {"start": "09:30", "end": "16:00+02:00", "timezone": "America/New_York"}),
        ("global_session", {"start": "9", "end": "16:00", "timezone": "America/New_York"}),
        ("global_session", {"start": "09:30", "end": "24:00", "timezone": "America/New_York"}),
        ("days", ["sunshine"]),
    ],
)
def test_hours_and_days_that_mean_nothing_are_refused(key: str, value: object) -> None:
    good = {"global_session": {"start": "09:30", "end": "16:00", "timezone": "America/New_York"}}
    with pytest.raises(ValidationError):
        SessionBlockOutside.model_validate(good | {key: value})


@pytest.mark.parametrize("written", ["8.30", 830, time(8, 30, tzinfo=UTC)])
def test_a_time_that_cannot_be_read_is_refused_with_an_example(written: object) -> None:
    with pytest.raises(ValidationError, match='write a time of day in quotes, like "17:00"'):
        SessionBlockOutside.model_validate({"global_session": DAY | {"start": written}})


@pytest.mark.parametrize("written", ["someday", 1, None, "mo"])
def test_a_day_that_cannot_be_read_is_refused_with_what_may_be_written(written: object) -> None:
    with pytest.raises(ValidationError, match="write mon, tue, wed, thu, fri, sat or sun"):
        rule(days=[written])


@pytest.mark.parametrize("day", ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"])
def test_every_day_may_be_written_out(day: str) -> None:
    assert rule(days=[day]).days == rule(days=[day[:3]]).days == (day[:3].lower(),)


LATER = DAY | {"end": "16:00"}


@pytest.mark.parametrize(
    ("old", "new", "is_looser"),
    [
        (DAY, LATER, True),
        (LATER, DAY, False),
        (DAY, DAY | {"start": "08:00"}, True),
        (DAY, OVERNIGHT, True),
        (DAY, DAY | {"timezone": "UTC"}, True),
    ],
)
def test_hours_loosen_where_there_is_a_moment_more(old: dict[str, str], new: dict[str, str], is_looser: bool) -> None:  # noqa: FBT001 - a table
    assert bool(loosened(rule(old), rule(new))) is is_looser
    own = [rule(None, per_instrument_sessions={"ES": one}) for one in (old, new)]
    assert bool(loosened(*own)) is is_looser


def test_without_hours_every_moment_is_one() -> None:
    both, own = rule(per_instrument_sessions={"ES": DAY}), rule(None, per_instrument_sessions={"ES": DAY})
    assert loosened(both, own) == ["global_session"]
    assert loosened(own, both) == []


def both_ways(one: SessionBlockOutside, other: SessionBlockOutside) -> tuple[list[str], list[str]]:
    return loosened(one, other), loosened(other, one)


def test_a_session_of_a_whole_day_crosses_midnight_as_every_one_that_does_not_end_on_its_day() -> None:
    whole = rule(OVERNIGHT | {"start": "17:00"})
    assert both_ways(rule(OVERNIGHT | {"start": "17:00", "end": "16:00"}), whole) == (["global_session"], [])
    noon = rule(DAY | {"start": "12:00", "end": "12:00"})
    assert both_ways(rule(), noon) == (["global_session"], ["global_session"])


def test_one_root_whose_own_hours_are_looser_is_enough() -> None:
    of = [rule(None, per_instrument_sessions={"CL": DAY, "ES": one}) for one in (DAY, LATER)]
    assert both_ways(*of) == (["per_instrument_sessions"], [])


@pytest.mark.parametrize(("before", "now"), [("16:00", "14:00"), ("14:00", "16:00")])
def test_a_root_that_loses_its_own_hours_has_the_global_ones_of_before_or_of_now(before: str, now: str) -> None:
    own = rule(DAY | {"end": before}, per_instrument_sessions={"ES": DAY})
    assert "per_instrument_sessions" in loosened(own, rule(DAY | {"end": now}))
