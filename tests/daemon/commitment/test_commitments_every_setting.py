"""Every setting of every rule: loosening waits, whichever way it is tried, and tightening does not."""

import json
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from risk_manager.config.configuration import load
from risk_manager.config.files import Home
from risk_manager.core.model.trading_calendar import Holidays
from tests.core.test_strictness import BOTH_WAYS, NEEDED, ONE_WAY
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import (
    ENVIRON,
    THREE,
    first_day,
    forget_database,
    live,
    live_and,
    policy,
    reload,
    write,
)
from tests.daemon.stage import Stage, home_with

LOOSENED = [*ONE_WAY, *(one for one in BOTH_WAYS if one[1] != "limits")]  # of limits a part may be stricter


def setting(name: str, path: str, value: Any) -> str:
    section = {key: dict(one) if isinstance(one, dict) else one for key, one in NEEDED[name].items()}
    head, _, inner = path.partition(".")
    if inner:
        section[head] = {**section.get(head, {}), inner: value}
    else:
        section[head] = value
    return f"rules: {json.dumps({name: section})}\n"


@pytest.mark.parametrize(("name", "path", "strict", "loose"), LOOSENED)
def test_no_setting_of_a_rule_is_loosened_by_reload_restart_clock_or_a_deleted_database(
    tmp_path: Path, name: str, path: str, strict: Any, loose: Any
) -> None:
    held = home_with(tmp_path, rules=setting(name, path, strict))
    before = load(held, environ=ENVIRON).policies[ACCOUNT].rules
    wanted = setting(name, path, loose)

    def by_reload(stage: Stage) -> None:
        write(held, wanted)
        reload(stage)

    assert policy(live_and(held, by_reload)).rules == before
    assert policy(live(held, ahead=timedelta(days=30))).rules == before
    forget_database(held)
    assert policy(live(held, ahead=timedelta(days=30), away=True)).rules == before
    # and when the day has truly changed, it comes
    expected = load(held, environ=ENVIRON).policies[ACCOUNT].rules
    assert policy(live(held, days=2)).rules == expected


@pytest.mark.parametrize(("name", "path", "strict", "loose"), ONE_WAY)
def test_every_setting_of_a_rule_is_tightened_at_once(
    tmp_path: Path, name: str, path: str, strict: Any, loose: Any
) -> None:
    home = first_day(tmp_path, setting(name, path, loose))
    write(home, setting(name, path, strict))
    expected = load(home, environ=ENVIRON).policies[ACCOUNT].rules
    assert policy(live(home, away=True)).rules == expected


GENERAL = [
    ("mode: enforce", "mode: shadow"),
    ("strict_mode: true", "strict_mode: false"),
    ("lockouts: {admin_may_clear: false}", "lockouts: {admin_may_clear: true}"),
    ("feed: {flatten_after: 30s}", "feed: {flatten_after: none}"),
    ("feed: {flatten_after: 30s}", "feed: {flatten_after: 1h}"),
    ("feed: {poll_every: 5s}", "feed: {poll_every: 24h}"),
    ("feed: {slow_poll_every: 30s}", "feed: {slow_poll_every: 24h}"),
    ("quotes: {mark: last}", "quotes: {mark: bid_ask}"),
    ("quotes: {stale_after_seconds: 10}", "quotes: {stale_after_seconds: 10000}"),
    ('trading_day: {reset: "17:00"}', 'trading_day: {reset: "11:00"}'),
    ("trading_day: {timezone: America/Chicago}", "trading_day: {timezone: Asia/Tokyo}"),
    ("commitment: {loosen_after: next_reset}", "commitment: {loosen_after: none}"),
    ("commitment: {loosen_after: next_reset}", "commitment: {loosen_after: 1s}"),
    ("overrides: {7: {rules: {max_contracts: {limit: 1}}}}", ""),
    ("overrides: {7: {strict_mode: true}}", "overrides: {7: {strict_mode: false}}"),
    ("overrides: {7: {rules: {symbol_blocks: {blocked_symbols: [CL]}}}}", "overrides: {}"),
]


@pytest.mark.parametrize(("strict", "loose"), GENERAL)
def test_no_general_setting_is_loosened_by_reload_restart_clock_or_a_deleted_database(
    tmp_path: Path, strict: str, loose: str
) -> None:
    home = first_day(tmp_path, f"{THREE}{strict}\n")
    before = live(home).daemon.in_force
    write(home, f"{THREE}{loose}\n")
    found = [live_and(home, reload), live(home), live(home, ahead=timedelta(days=30), away=True)]
    forget_database(home)
    found.append(live(home))
    for stage in found:
        now = stage.daemon.in_force
        assert (now.policies, now.account_settings) == (before.policies, before.account_settings)
    assert live(home, days=2).daemon.in_force.policies == load(home, environ=ENVIRON).policies


CHRISTMAS = "- {date: 2026-12-25}\n"
HOLIDAYS = {
    "a day less": (f"{CHRISTMAS}- {{date: 2026-04-03}}\n", CHRISTMAS),
    "no day at all": (CHRISTMAS, "[]\n"),
    "an early close in the place of a whole day": (CHRISTMAS, '- {date: 2026-12-25, close: "12:00"}\n'),
    "a later early close": (
        '- {date: 2026-12-25, close: "12:00"}\n',
        '- {date: 2026-12-25, close: "12:15"}\n',
    ),
    "a whole day moved": (CHRISTMAS, "- {date: 2026-12-28}\n"),
    "the file taken away": (CHRISTMAS, None),
}


def write_holidays(home: Home, text: str | None) -> None:
    if text is None:
        home.holidays.unlink()
    else:
        home.holidays.write_text(text, encoding="utf-8")


def closes(holidays: Holidays) -> dict[date, time]:
    """Tell until when each day is open; a day without a session until midnight, that is never."""
    return {**holidays.early_closes, **dict.fromkeys(holidays.closed, time.min)}


def keeps(found: Holidays, agreed: Holidays) -> bool:
    """Tell whether no day is open for longer than it was agreed."""
    return all(closes(found).get(day, time.max) <= until for day, until in closes(agreed).items())


@pytest.mark.parametrize("change", HOLIDAYS)
def test_no_holiday_is_taken_away_by_reload_restart_clock_or_a_deleted_database(tmp_path: Path, change: str) -> None:
    strict, loose = HOLIDAYS[change]
    home = home_with(tmp_path, rules=THREE)
    write_holidays(home, strict)
    before = policy(live(home)).holidays

    def by_reload(stage: Stage) -> None:
        write_holidays(home, loose)
        reload(stage)

    found = [live_and(home, by_reload), live(home), live(home, ahead=timedelta(days=30), away=True)]
    forget_database(home)
    found.append(live(home, ahead=timedelta(days=30), away=True))
    for stage in found:
        assert keeps(policy(stage).holidays, before)
    assert policy(live(home, days=2)).holidays == load(home, environ=ENVIRON).policies[ACCOUNT].holidays


@pytest.mark.parametrize("change", [one for one in HOLIDAYS if one != "a whole day moved"])
def test_one_more_holiday_holds_at_once(tmp_path: Path, change: str) -> None:
    strict, loose = HOLIDAYS[change]
    home = home_with(tmp_path, rules=THREE)
    if loose is not None:
        write_holidays(home, loose)
    live(home)
    write_holidays(home, strict)
    expected = load(home, environ=ENVIRON).policies[ACCOUNT].holidays
    assert policy(live(home, away=True)).holidays == expected
