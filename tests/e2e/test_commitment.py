"""Loosening waits, with processes and sockets as in real life."""

from pathlib import Path
from typing import Any

import pytest

from risk_manager.admin.password import set_password
from risk_manager.config.files import Home
from risk_manager.demo.processes import played_venue
from risk_manager.local_api.client import connect
from risk_manager.local_api.commands import Result
from tests.e2e.kit import ACCOUNT, OTHER, Scene, account_of, is_flat, scene, size_of

pytestmark = pytest.mark.e2e

PASSWORD = "correct horse"
THREE, FIVE, TWO = (f"rules: {{max_contracts: {{limit: {limit}}}}}\n" for limit in (3, 5, 2))
BOTH = {ACCOUNT: "Main", OTHER: "Second"}


def rewrite(stage: Scene, rules: str) -> None:
    """Edit the rules by hand."""
    home = Home(stage.home)
    first, _, _ = home.risk_config.read_text(encoding="utf-8").partition("\n")
    home.risk_config.write_text(f"{first}\n{rules}", encoding="utf-8")


async def command(stage: Scene, name: str, **arguments: Any) -> Result:
    set_password(Home(stage.home), PASSWORD, rounds=4)
    async with connect(stage.port) as connection:
        session = await connection.log_in(PASSWORD)
        assert not isinstance(session, Result), session
        return await connection.command(session.token, name, arguments)


async def pending(stage: Scene, account: int = ACCOUNT) -> list[dict[str, Any]]:
    return list(account_of(await stage.status(), account)["pending"])


async def closes_at(stage: Scene, size: int, account: int = ACCOUNT) -> None:
    """One contract more than may be held is closed again, with all that is there."""
    await stage.buy(size, "MNQ", account)
    await stage.until(lambda truth: is_flat(truth) and bool(truth["orders"]), account)


async def keeps(stage: Scene, size: int, account: int = ACCOUNT) -> None:
    await stage.buy(size, "MNQ", account)
    await stage.until(lambda truth: size_of(truth, "MNQ") == size, account)
    await stage.until_status(lambda status: bool(account_of(status, account)["positions"]))
    assert size_of(await stage.venue.account(account), "MNQ") == size


async def test_a_limit_raised_by_hand_waits_over_a_reload_and_a_restart(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE) as stage:
        rewrite(stage, FIVE)
        answer = await command(stage, "reload")
        assert answer.ok
        assert "max_contracts.limit 3 → 5 waits until" in answer.message
        (waits,) = await pending(stage)
        assert (waits["old"], waits["new"], waits["state"]) == ("3", "5", "waiting")
        await closes_at(stage, 4)
        await stage.kill()
        await stage.start()
        assert await pending(stage) == [waits]
        await closes_at(stage, 4)


async def test_a_limit_lowered_by_hand_holds_with_the_reload(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE) as stage:
        await keeps(stage, 3)
        rewrite(stage, TWO)
        assert (await command(stage, "reload")).message == "reloaded"
        await stage.until(is_flat)


async def test_deleting_the_database_changes_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE) as stage:
        await stage.kill()
        for path in Home(tmp_path).data.glob("state.db*"):
            path.unlink()
        rewrite(stage, FIVE)
        await stage.start()
        assert [one["new"] for one in await pending(stage)] == ["5"]
        await closes_at(stage, 4)


async def test_deleting_the_sealed_file_changes_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE) as stage:
        await stage.kill()
        Home(tmp_path).commitment.unlink()
        rewrite(stage, FIVE)
        await stage.start()
        await closes_at(stage, 4)


async def test_an_account_taken_off_the_list_is_watched_over_a_restart(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE, nicknames=BOTH) as stage:
        home = Home(tmp_path)
        # the key stands in the file in the clear; it is kept for the day on which the account is gone from there
        await stage.until_status(lambda _: home.commitment.exists() and '"sealed"' in home.commitment.read_text())
        await stage.kill()
        lines = home.accounts.read_text(encoding="utf-8").splitlines(keepends=True)
        home.accounts.write_text("".join(line for line in lines if f"account_id: {OTHER}" not in line), "utf-8")
        await stage.start()
        assert [one["what"] for one in await pending(stage, OTHER)] == ["account"]
        await closes_at(stage, 4, OTHER)


async def test_the_only_account_paused_is_watched_over_a_restart_with_the_key_that_it_had(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE) as stage:
        home = Home(tmp_path)
        await stage.until_status(lambda _: home.commitment.exists() and '"sealed"' in home.commitment.read_text())
        await stage.kill()
        text = home.accounts.read_text(encoding="utf-8")
        paused = text.replace("nickname:", "enabled: false, nickname:").replace(stage.venue.api_key, "gone")
        home.accounts.write_text(paused, "utf-8")
        await stage.start()
        await closes_at(stage, 4)


async def test_a_waiting_change_that_is_cancelled_stays_so_over_a_restart(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE) as stage:
        rewrite(stage, FIVE)
        await command(stage, "reload")
        assert (await command(stage, "cancel_change", account_id=ACCOUNT)).ok
        await stage.kill()
        await stage.start()
        assert [one["state"] for one in await pending(stage)] == ["cancelled"]


async def test_a_rule_switched_to_shadow_or_removed_goes_on_enforcing(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE) as stage:
        for rules in ("rules: {max_contracts: {limit: 3, mode: shadow}}\n", f"mode: shadow\n{THREE}", "rules: {}\n"):
            rewrite(stage, rules)
            assert "waits until" in (await command(stage, "reload")).message
            await closes_at(stage, 4)


async def test_with_loosen_after_none_a_raised_limit_holds_with_the_reload(tmp_path: Path) -> None:
    free = "commitment: {loosen_after: none}\n"
    async with scene(tmp_path, THREE + free) as stage:
        rewrite(stage, FIVE + free)
        assert (await command(stage, "reload")).message == "reloaded"
        await keeps(stage, 5)


async def test_a_change_that_fell_due_while_the_daemon_was_down_comes_with_the_venues_new_day(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE) as stage:
        rewrite(stage, FIVE)
        await command(stage, "reload")
        await stage.kill()
        await stage.venue.do("clock", advance=25 * 3600)
        await stage.start()
        assert await pending(stage) == []
        await keeps(stage, 5)


async def test_pointed_by_hand_to_a_venue_of_his_own_or_to_a_wrong_key_it_goes_on_enforcing(tmp_path: Path) -> None:
    async with scene(tmp_path, THREE) as stage, played_venue() as fake:
        accounts = Home(tmp_path).accounts
        await stage.until_status(lambda _: '"sealed"' in Home(tmp_path).commitment.read_text(encoding="utf-8"))
        text = accounts.read_text(encoding="utf-8")
        for edited in (text.replace(stage.venue.api, fake.api), text.replace(stage.venue.api_key, "gone")):
            accounts.write_text(edited, encoding="utf-8")
            assert "waits until" in (await command(stage, "reload")).message
            await closes_at(stage, 4)
            await stage.kill()
            await stage.start()
            await closes_at(stage, 4)
        assert await fake.log(since=0, kinds=("request",)) == []
