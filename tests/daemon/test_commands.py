import asyncio
from pathlib import Path
from typing import Any

from risk_manager.config.files import Home
from risk_manager.core.model.account import Account
from risk_manager.daemon.commands import Commands
from risk_manager.demo.processes import free_port
from risk_manager.local_api.commands import Result
from risk_manager.store.reading import stored_state
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.stage import AT_ONCE, RULES, Stage, home_with, play
from tests.daemon.virtual_time import LoopClock


def commands_of(stage: Stage) -> Commands:
    daemon = stage.daemon
    return Commands(
        home=stage.home,
        in_force=lambda: daemon.in_force,
        take_on=daemon.take_on,
        set_mode=daemon.set_mode,
        commitments=daemon.commitments,
        pipeline=daemon.pipeline,
        keeper=daemon.keeper,
        health=daemon.health,
        vitals=daemon.vitals,
        clock=LoopClock(),
    )


async def ask(stage: Stage, command: str, **arguments: Any) -> Result:
    return await commands_of(stage)(command, arguments)


def test_locking_by_hand_closes_what_is_held_and_clearing_opens_again(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        assert (await ask(stage, "lock_now")).ok
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        assert stage.locks() == ["admin"]
        assert (await ask(stage, "clear_lockout", account_id=ACCOUNT, rule="admin")).ok
        assert stage.locks() == []

    play(home_with(tmp_path), scene)


def test_a_lock_of_a_root_is_cleared_however_it_is_spelled_and_none_of_another_root_is(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        assert stage.locks() == ["symbol_blocks"]
        assert await ask(stage, "clear_lockout", account_id=ACCOUNT, root="MES") == Result(
            ok=False, message="no such lock"
        )
        assert not (await ask(stage, "clear_lockout", account_id=ACCOUNT, root=5)).ok
        assert stage.locks() == ["symbol_blocks"]
        answer = await ask(stage, "clear_lockout", account_id=ACCOUNT, rule="symbol_blocks", root="es")
        assert answer == Result(ok=True, message="cleared: symbol_blocks")
        assert stage.locks() == []

    play(home_with(tmp_path, rules="rules: {symbol_blocks: {blocked_symbols: [ES]}}\n"), scene)


def test_a_reload_takes_the_new_limit_on_at_once(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(2)
        text = home.risk_config.read_text(encoding="utf-8")
        home.risk_config.write_text(text.replace("limit: 3", "limit: 1"), encoding="utf-8")
        assert (await ask(stage, "reload")).ok
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(home, scene)


def test_a_reload_of_files_with_problems_changes_nothing_and_says_what_to_mend(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        home.risk_config.write_text("rules: {max_contracts: {limit: no}}", encoding="utf-8")
        answer = await ask(stage, "reload")
        assert not answer.ok
        assert "max_contracts.limit" in answer.message

    play(home, scene)


def write_accounts(home: Home, *accounts: int, username: str = "trader") -> None:
    entries = (
        f"  - {{account_id: {one}, username: {username}, api_key: 'env:KEY', nickname: N{one}}}\n" for one in accounts
    )
    home.accounts.write_text("accounts:\n" + "".join(entries), encoding="utf-8")


def test_an_account_that_is_added_is_watched_at_once_and_one_that_is_removed_no_more(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path, rules=RULES + AT_ONCE)
    other = ACCOUNT + 1

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.listed.append(Account(account_id=other, can_trade=True))
        write_accounts(home, ACCOUNT, other)
        assert (await ask(stage, "reload")).message == "reloaded"
        await stage.until(lambda: stage.daemon.pipeline.is_live(other), 2)
        assert stage.venue.subscribed[-1] == [ACCOUNT, other]
        assert [one.nickname for one in stage.daemon.snapshot().accounts] == [f"N{ACCOUNT}", f"N{other}"]
        write_accounts(home, other)
        assert (await ask(stage, "reload")).message == "reloaded"
        await asyncio.sleep(1)
        assert stage.venue.subscribed[-1] == [other]
        assert list(stage.daemon.pipeline.accounts) == [other]
        stage.says(5)
        assert stage.venue.words() == []

    play(home, scene)


def test_an_account_that_was_paused_comes_back_with_its_lock(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        assert (await ask(stage, "lock_now")).ok
        write_accounts(home, ACCOUNT + 1)
        assert (await ask(stage, "reload")).ok
        await asyncio.sleep(20)
        write_accounts(home, ACCOUNT)
        assert (await ask(stage, "reload")).ok
        await stage.until(lambda: stage.daemon.pipeline.is_live(ACCOUNT), 2)
        assert stage.locks() == ["admin"]

    play(home, scene)


def test_a_reload_changes_how_often_rest_is_asked(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path, rules=RULES + AT_ONCE)

    async def scene(stage: Stage) -> None:
        await stage.live()
        home.risk_config.write_text(
            home.risk_config.read_text(encoding="utf-8") + "feed: {poll_every: 20s, slow_poll_every: 60s}\n",
            encoding="utf-8",
        )
        assert (await ask(stage, "reload")).ok
        await asyncio.sleep(60)
        stage.venue.looks.clear()
        await asyncio.sleep(120)
        assert len(stage.venue.looks) < 20

    play(home, scene)


def test_what_needs_a_restart_is_said(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path, rules=RULES + AT_ONCE)

    async def scene(stage: Stage) -> None:
        await stage.live()
        write_accounts(home, ACCOUNT, username="another")
        answer = await ask(stage, "reload")
        assert answer.ok
        assert "restart the daemon for: the login another" in answer.message
        stage.says(5)
        await stage.until(lambda: stage.venue.net[ES] == 0)
        home.risk_config.write_text(f"local_api: {{port: {free_port()}}}\n{RULES}", encoding="utf-8")
        assert "the port of the local API" in (await ask(stage, "reload")).message

    play(home, scene)


def test_in_shadow_mode_nothing_is_done(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        assert (await ask(stage, "set_mode", mode="shadow")).ok
        stage.says(5)
        assert stage.venue.words() == []
        stage.daemon.publisher.flush()
        assert len(stage.events("enforcement_action")) == 1

    play(home_with(tmp_path, rules=RULES + AT_ONCE), scene)


def test_leaving_enforce_by_command_waits_as_by_the_files(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        answer = await ask(stage, "set_mode", mode="shadow")
        assert answer.message == f"account {ACCOUNT}: mode enforce → shadow waits until 2026-08-20 17:00 CDT"
        stage.says(5)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(home_with(tmp_path), scene)


def test_what_waits_can_be_cancelled(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        assert not (await ask(stage, "cancel_change")).ok
        assert not (await ask(stage, "cancel_change", account_id="all")).ok
        await ask(stage, "set_mode", mode="shadow")
        answer = await ask(stage, "cancel_change", account_id=ACCOUNT, what="mode")
        assert answer.message == f"cancelled: mode enforce → shadow of account {ACCOUNT}"
        assert [one.state for one in stage.daemon.snapshot().accounts[0].pending] == ["cancelled"]

    play(home_with(tmp_path), scene)


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        assert not (await ask(stage, "clear_lockout", account_id=ACCOUNT, rule="admin")).ok
        assert not (await ask(stage, "lock_now", account_id=1)).ok
        assert not (await ask(stage, "lock_now", until="tomorrow")).ok
        answer = await ask(stage, "lock_now", until="9999-12-31T23:59:59-12:00")
        assert answer.message == "until is more than 1752000h away: leave it out for a lock without an end"
        assert not (await ask(stage, "dance")).ok

    play(home_with(tmp_path), scene)


def test_health_is_told_in_numbers(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(4)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        told = (await ask(stage, "health")).data
        assert told is not None
        assert (told["state"], told["queue"], told["breaches"]) == ("live", 0, {"max_contracts": 1})
        assert told["requests_last_minute"] == {"trader": 7}
        assert told["proven_ms"].keys() == {"p50", "p95", "p99", "max"}
        assert told["memory_bytes"] > 0

    play(home_with(tmp_path), scene)


def test_what_an_admin_did_besides_is_journaled_with_the_command(tmp_path: Path) -> None:
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        assert (await ask(stage, "note", change={"what": "admin password"})).ok

    play(home, scene)
    with stored_state(home.database) as stored:
        noted = [entry.body for entry in stored.journal() if entry.kind == "command"]
    assert noted[0]["arguments"] == {"change": {"what": "admin password"}}
