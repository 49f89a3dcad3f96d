"""Loosening waits, whichever way it is tried: by the files, a reload, a restart, the clock, a deleted database."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from risk_manager.config.configuration import load
from risk_manager.config.files import Home
from risk_manager.core.model.account import Account
from risk_manager.core.policy import Policy
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.gateway.errors import GatewayUnavailable
from risk_manager.store.reading import stored_state
from tests.core.test_strictness import BOTH_WAYS, NEEDED, ONE_WAY
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.stage import AT_ONCE, Stage, free_port, home_with, play
from tests.daemon.virtual_time import PlayedMachine

OTHER = ACCOUNT + 1
THREE = "rules: {max_contracts: {limit: 3}}\n"
FIVE = "rules: {max_contracts: {limit: 5}}\n"
TWO = "rules: {max_contracts: {limit: 2}}\n"
ENVIRON = {"KEY": "k"}
TO_RESET = timedelta(hours=8)  # from 14:00 UTC, where every life of a test begins, to 17:00 in Chicago


@pytest.fixture(autouse=True)
def key_of_the_venue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k")


def write(home: Home, rules: str, *accounts: int, more: str = "") -> None:
    """Write both files by hand; without accounts, the one that there always is."""
    entries = "".join(
        f"  - {{account_id: {one}, username: trader, api_key: 'env:KEY', nickname: N{one}}}\n"
        for one in accounts or (ACCOUNT,)
    )
    home.accounts.write_text(f"{more}accounts:\n{entries}", encoding="utf-8")
    home.risk_config.write_text(f"local_api: {{port: {free_port()}}}\n{rules}", encoding="utf-8")


def live(home: Home, *, days: float = 0, ahead: timedelta = timedelta(), away: bool = False) -> Stage:
    """Let a daemon live for a moment; return it as it was at its end."""
    return live_and(home, lambda _: None, days=days, ahead=ahead, away=away)


def live_and(
    home: Home,
    then: Callable[[Stage], object],
    *,
    days: float = 0,
    ahead: timedelta = timedelta(),
    away: bool = False,
) -> Stage:
    """The venue's time is some days on, the machine's clock ahead of it; an `away` venue answers nothing."""

    def prepare(venue: FakeVenue) -> None:
        venue.listed = [Account(account_id=one, can_trade=True) for one in (ACCOUNT, OTHER)]
        venue.clock.ahead = timedelta(days=days)
        if away:
            venue.login_errors.extend(GatewayUnavailable("away") for _ in range(100))

    async def scene(stage: Stage) -> None:
        if away:
            await asyncio.sleep(30)
        else:
            daemon = stage.daemon
            await stage.until(
                lambda: daemon.roster.logins and all(map(daemon.pipeline.is_live, daemon.pipeline.accounts))
            )
        then(stage)

    return play(home, scene, prepare=prepare, machine=PlayedMachine(ahead=timedelta(days=days) + ahead))


def reload(stage: Stage) -> None:
    stage.daemon.take_on(load(stage.home, environ=ENVIRON))


def policy(stage: Stage, account_id: int = ACCOUNT) -> Policy:
    return stage.daemon.in_force.policies[account_id]


def limit(stage: Stage, account_id: int = ACCOUNT) -> int:
    (rule,) = (rule for rule in policy(stage, account_id).rules if isinstance(rule, MaxContracts))
    return rule.limit


def first_day(tmp_path: Path, rules: str = THREE, accounts: tuple[int, ...] = (ACCOUNT,)) -> Home:
    home = home_with(tmp_path, rules=rules, accounts=accounts)
    live(home)
    return home


def forget_database(home: Home) -> None:
    for path in home.data.glob("state.db*"):
        path.unlink()


# every setting of every rule, every way around

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


# one limit, in more detail


def test_a_raised_limit_waits_for_the_reset_by_the_daemons_own_deadline(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=THREE)

    async def scene(stage: Stage) -> None:
        await stage.live()
        write(home, FIVE)
        reload(stage)
        assert limit(stage) == 3
        await asyncio.sleep(TO_RESET.total_seconds() - 60)
        assert limit(stage) == 3
        await asyncio.sleep(120)
        assert limit(stage) == 5
        assert "max_contracts.limit 3 → 5" in stage.warnings()
        stage.says(5)
        assert stage.is_quiet()

    play(home, scene)
    with stored_state(home.database) as stored:
        told = [entry.body for entry in reversed(stored.journal()) if entry.kind == "commitment"]
    assert [(one["state"], one.get("old"), one.get("new")) for one in told] == [
        ("held", None, None),
        ("waits", "3", "5"),
        ("in force", "3", "5"),
    ]


def test_what_is_held_is_what_is_enforced(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(4)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(home, scene)


def test_a_change_that_was_due_while_the_daemon_was_down_comes_with_the_venues_time(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    assert limit(live(home)) == 3
    assert limit(live(home, days=1, away=True)) == 3
    assert limit(live(home, days=1)) == 5


def test_a_clock_set_forward_before_the_venue_has_spoken_does_not_let_it_come(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    for _ in range(3):
        assert limit(live(home, ahead=timedelta(days=400))) == 3


def test_a_change_written_while_the_daemon_was_down_begins_its_wait_when_the_venue_has_spoken(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    assert [one.due_at for one in live(home, away=True).daemon.commitments.pending_of(ACCOUNT)] == [None]
    assert limit(live(home, days=3)) == 3
    assert limit(live(home, days=4)) == 5


def test_a_partly_looser_edit_is_taken_in_its_stricter_parts(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, "rules: {max_contracts: {limit: 5, count_type: gross}, symbol_blocks: {blocked_symbols: [CL]}}\n")
    (contracts, blocks) = policy(live_and(home, reload)).rules
    assert isinstance(contracts, MaxContracts)
    assert (contracts.limit, contracts.count_type.value) == (3, "gross")
    assert blocks.name == "symbol_blocks"


def test_an_account_taken_off_the_list_is_watched_until_the_reset(tmp_path: Path) -> None:
    home = first_day(tmp_path, accounts=(ACCOUNT, OTHER))
    write(home, THREE, OTHER)
    for stage in (live_and(home, reload), live(home), live(home, ahead=timedelta(days=9), away=True)):
        assert set(stage.daemon.pipeline.accounts) == {ACCOUNT, OTHER}
    forget_database(home)
    assert set(live(home).daemon.pipeline.accounts) == {ACCOUNT, OTHER}
    assert set(live(home, days=1).daemon.pipeline.accounts) == {OTHER}
    assert set(live(home, days=1).daemon.pipeline.accounts) == {OTHER}


def test_a_paused_account_is_watched_until_the_reset(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    text = home.accounts.read_text(encoding="utf-8")
    home.accounts.write_text(text.replace("nickname: N7", "enabled: false"), encoding="utf-8")
    assert set(live(home).daemon.pipeline.accounts) == {ACCOUNT}

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(4)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        await asyncio.sleep(TO_RESET.total_seconds())
        assert stage.daemon.pipeline.accounts == {}

    play(home, scene)


def test_a_held_account_whose_key_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = first_day(tmp_path, accounts=(ACCOUNT, OTHER))
    write(home, THREE, OTHER)
    text = home.accounts.read_text(encoding="utf-8")
    home.accounts.write_text(text.replace("trader, api_key: 'env:KEY'", "o, api_key: 'env:KEY'"), "utf-8")
    monkeypatch.delenv("KEY")

    async def scene(stage: Stage) -> None:
        await asyncio.sleep(1)
        assert "COMMITMENT_KEY_GONE" in stage.warnings()
        assert set(stage.daemon.pipeline.accounts) == {OTHER}

    play(home, scene)


def test_another_address_of_the_venue_is_no_way_around(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    for api in ("https://API.topstepx.com:443/", "https://elsewhere.example"):
        write(home, FIVE, more=f"gateway: {{api: '{api}'}}\n")
        assert limit(live(home)) == 3


def test_time_told_by_another_venue_loosens_nothing_here(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE, more="gateway: {api: 'http://127.0.0.1:9'}\n")
    assert limit(live(home)) == 3
    assert limit(live(home, days=30)) == 5
    write(home, FIVE)
    assert limit(live(home)) == 3


def test_what_is_taken_back_waits_no_more(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    assert len(live(home).daemon.commitments.pending_of(ACCOUNT)) == 1
    write(home, THREE)
    assert live(home).daemon.commitments.pending_of(ACCOUNT) == ()
    write(home, FIVE)
    assert limit(live(home, days=1)) == 3


def test_a_cancelled_change_does_not_come_with_the_reset_or_a_restart(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    live_and(home, lambda stage: stage.daemon.commitments.cancel(None, None))
    stage = live(home, days=3)
    assert limit(stage) == 3
    assert [one.state for one in stage.daemon.commitments.pending_of(ACCOUNT)] == ["cancelled"]


def test_with_loosen_after_none_everything_is_taken_at_once(tmp_path: Path) -> None:
    home = first_day(tmp_path, THREE + AT_ONCE)
    write(home, FIVE + AT_ONCE)
    assert limit(live(home, away=True)) == 5


def test_with_a_length_of_time_it_waits_for_that(tmp_path: Path) -> None:
    wait = "commitment: {loosen_after: 48h}\n"
    home = first_day(tmp_path, THREE + wait)
    write(home, FIVE + wait)
    assert [limit(live(home, days=days)) for days in (0, 1, 1.9, 2.1)] == [3, 3, 3, 5]


# the two places


def both_gone(home: Home) -> None:
    forget_database(home)
    home.commitment.unlink()


def raise_limit_in(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert '"limit": 3' in text
    path.write_text(text.replace('"limit": 3', '"limit": 5'), encoding="utf-8")


def test_a_record_changed_by_hand_is_not_believed(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    raise_limit_in(home.commitment)
    assert limit(live(home)) == 3
    assert limit(live(home)) == 3
    assert '"limit": 3' in home.commitment.read_text(encoding="utf-8")


def test_an_older_record_put_back_is_not_believed(tmp_path: Path) -> None:
    home = first_day(tmp_path, FIVE)
    old = home.commitment.read_bytes()
    write(home, THREE)
    live(home)
    home.commitment.write_bytes(old)
    write(home, FIVE)
    assert limit(live(home)) == 3


def test_a_record_that_was_changed_with_no_other_copy_still_holds_and_people_are_told(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    forget_database(home)
    home.commitment_key.unlink()
    write(home, FIVE)

    def look(stage: Stage) -> None:
        assert limit(stage) == 3
        assert "COMMITMENT_UNSEALED" in stage.warnings()

    live_and(home, look)
    told: list[str] = []
    live_and(home, lambda stage: told.append(stage.warnings()))
    assert "COMMITMENT" not in told[0]


def test_where_both_places_are_gone_the_files_hold_and_people_are_told(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    both_gone(home)
    write(home, FIVE)

    def look(stage: Stage) -> None:
        assert limit(stage) == 5
        assert "COMMITMENT_LOST" in stage.warnings()

    live_and(home, look)
    write(home, TWO)
    assert limit(live(home)) == 2


def test_the_first_start_takes_what_is_written_and_tells_nobody(tmp_path: Path) -> None:
    def look(stage: Stage) -> None:
        assert limit(stage) == 3
        assert stage.warnings() == ""

    live_and(home_with(tmp_path, rules=THREE), look)


def test_an_account_that_is_added_begins_with_what_is_written(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, f"{THREE}overrides: {{{OTHER}: {{rules: {{max_contracts: {{limit: 9}}}}}}}}\n", ACCOUNT, OTHER)
    assert limit(live_and(home, reload), OTHER) == 9


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=THREE)
    home.commitment.mkdir()

    def look(stage: Stage) -> None:
        assert limit(stage) == 3
        assert "COMMITMENT_NOT_KEPT" in stage.warnings()

    live_and(home, look)
    write(home, FIVE)
    assert limit(live(home)) == 3
