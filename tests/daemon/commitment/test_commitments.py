"""Loosening waits, and comes when it is due: by the files, a reload, a restart, the clock, another venue."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from risk_manager.config.login_terms import fingerprint
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.store.reading import stored_state
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.lives import (
    FIVE,
    OTHER,
    THREE,
    TO_RESET,
    first_day,
    forget_database,
    limit,
    live,
    live_and,
    policy,
    reload,
    write,
)
from tests.daemon.stage import AT_ONCE, Stage, home_with, play


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
        ("proven", None, f"trader (key {fingerprint('k')[:6]})"),
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
    home.accounts.write_text(text.replace("trader, api_key: 'env:KEY'", "o, api_key: another"), "utf-8")
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
    elsewhere = "gateway: {api: 'http://127.0.0.1:9'}\n"
    write(home, THREE, more=elsewhere)
    live(home)
    live(home, days=1)  # and so the next start goes there
    write(home, FIVE, more=elsewhere)
    assert limit(live(home, days=1)) == 3
    assert limit(live(home, days=30)) == 5
    write(home, FIVE)
    live(home, days=30)
    live(home, days=60)
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
