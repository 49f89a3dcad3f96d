"""General settings: which way each of them loosens."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from risk_manager.config.accounts import Gateway
from risk_manager.config.settings import Settings
from risk_manager.config.settling import _OF_POLICY, _OF_TERMS
from risk_manager.config.terms import Terms
from risk_manager.core.model.trading_calendar import Holidays, TradingCalendar
from risk_manager.core.policy import Mark, Policy
from risk_manager.core.rules.daily_unrealized_loss import DailyUnrealizedLoss
from tests.config.test_commitment import NOON, committed, terms

ZONE = ZoneInfo("America/Chicago")
CHRISTMAS = Holidays(closed=frozenset({date(2026, 12, 25)}), early_closes={date(2026, 11, 27): time(12)})
LATER_CLOSE = Holidays(closed=CHRISTMAS.closed, early_closes={date(2026, 11, 27): time(13)})
EARLIER_CLOSE = Holidays(closed=CHRISTMAS.closed, early_closes={date(2026, 11, 27): time(11)})
CLOSED_INSTEAD = Holidays(closed=CHRISTMAS.closed | {date(2026, 11, 27)})


@pytest.mark.parametrize(
    ("name", "strict", "loose", "what"),
    [
        ("shadow", False, True, "mode"),
        ("strict", True, False, "strict_mode"),
        ("flatten_after", timedelta(seconds=30), None, "feed.flatten_after"),
        ("flatten_after", timedelta(seconds=30), timedelta(seconds=60), "feed.flatten_after"),
        ("stale_after", timedelta(seconds=10), timedelta(hours=1), "quotes.stale_after_seconds"),
        ("holidays", CHRISTMAS, Holidays(), "holidays.yaml"),
        ("holidays", CHRISTMAS, LATER_CLOSE, "holidays.yaml"),
        ("holidays", EARLIER_CLOSE, CHRISTMAS, "holidays.yaml"),
        ("holidays", CLOSED_INSTEAD, CHRISTMAS, "holidays.yaml"),
    ],
)
def test_a_general_setting_loosens_in_one_direction(name: str, strict: Any, loose: Any, what: str) -> None:
    commitment = committed(to=terms(**{name: strict}))
    held = commitment.wish({1: terms(**{name: loose})}, NOON)[1]
    assert getattr(held.terms.policy, name) == strict
    assert [one.change.what for one in held.pending] == [what]
    tightened = committed(to=terms(**{name: loose})).wish({1: terms(**{name: strict})}, NOON)[1]
    assert getattr(tightened.terms.policy, name) == strict
    assert tightened.pending == ()


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [("mark", Mark.LAST, Mark.BID_ASK), ("calendar", TradingCalendar(time(17), ZONE), TradingCalendar(time(0), ZONE))],
)
def test_a_general_setting_without_a_stricter_side_waits_in_both(name: str, one: Any, other: Any) -> None:
    for before, after in ((one, other), (other, one)):
        held = committed(to=terms(**{name: before})).wish({1: terms(**{name: after})}, NOON)[1]
        assert getattr(held.terms.policy, name) == before


@pytest.mark.parametrize("name", ["poll_every", "slow_poll_every"])
def test_asking_the_venue_more_rarely_is_looser(name: str) -> None:
    values: list[dict[str, Any]] = [{name: timedelta(seconds=seconds)} for seconds in (2, 200)]
    often, rarely = (replace(terms(), **one) for one in values)
    assert committed(to=often).wish({1: rarely}, NOON)[1].terms == often
    assert committed(to=rarely).wish({1: often}, NOON)[1].terms == often


def test_a_day_taken_off_the_holidays_waits_and_one_that_is_added_holds_at_once() -> None:
    easter = date(2026, 4, 3)
    added = Holidays(closed=frozenset({easter}))
    held = committed(to=terms(holidays=CHRISTMAS)).wish({1: terms(holidays=added)}, NOON)[1]
    assert held.terms.policy.holidays == Holidays(CHRISTMAS.closed | {easter}, CHRISTMAS.early_closes)


HOLDS_NOBODY = {
    "warn_at": "it tells people, and stops nothing",
    "local_api.port": "screens find the daemon there; it protects without them",
    "metrics.port": "numbers for Prometheus",
    "logs.level": "what is written to the logs",
    "alerts": "they tell people, and stop nothing",
}
HELD_ELSEWHERE = {
    "rules": "each setting of each rule has its own mark (core/strictness.py)",
    "overrides": "they are laid over the others before they are settled",
}


def settings_of(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Name every setting of a file, as people write it."""
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from settings_of(type(field.default), f"{path}{name}.")
        else:
            yield f"{path}{name}"


def test_every_general_setting_has_a_direction_or_a_reason_why_it_holds_nobody() -> None:
    directions = {setting.name for setting in (*_OF_POLICY, *_OF_TERMS)}

    def is_settled(name: str) -> bool:
        return name in directions or name.rpartition(".")[0] in directions

    written = {*settings_of(Settings), *(f"gateway.{name}" for name in Gateway.model_fields)}
    open_ones = {name for name in written if not is_settled(name)}
    assert open_ones == HOLDS_NOBODY.keys() | HELD_ELSEWHERE.keys()


def test_every_part_of_what_an_account_is_held_to_is_settled() -> None:
    settled = {setting.field for setting in (*_OF_POLICY, *_OF_TERMS)}
    parts = {field.name for model in (Policy, Terms) for field in fields(model)}
    # rules have marks of their own; how an account is called is always the newest; people are told as they like
    assert parts - settled == {"rules", "policy", "route", "warn_at"}


def test_a_lock_that_was_left_to_its_default_waits_under_the_name_of_what_it_stood_for() -> None:
    settings = {"loss_limit": 300, "scope": "total"}
    before, after = (DailyUnrealizedLoss.model_validate({**settings, **one}) for one in ({}, {"lockout": "none"}))
    held = committed(to=terms(before)).wish({1: terms(after)}, NOON)[1]
    assert held.terms.policy.rules == (before,)
    assert [str(one.change) for one in held.pending] == ["daily_unrealized_loss.lockout daily_reset → none"]
