"""One part after the other fails: what rests on it says so, and everything else goes on."""

import sqlite3
from dataclasses import replace
from decimal import Decimal

import aiohttp
import pytest

from risk_manager.core.events import PolicyChanged
from tests.daemon.test_rule_guard import Broken
from tests.e2e.happenings import CLOSE, FAST, breach, counts_are_right, proof
from tests.e2e.house import ACCOUNT, OTHER, House
from tests.e2e.rows import row

pytestmark = pytest.mark.e2e
OPEN_LOSS_AND_SIZE = """
rules:
  daily_unrealized_loss: {loss_limit: 100}
  max_contracts: {limit: 2, on_breach: close_all}
"""
LOSS = "rules: {daily_realized_loss: {loss_limit: 50}}\n"


@row(OPEN_LOSS_AND_SIZE, settings=FAST, starts=False)
async def test_without_the_market_hub_open_losses_are_unmarked_and_every_other_limit_holds(house: House) -> None:
    house.do("hub", deed="refuse", hub="market")
    house.do("faults/rest", endpoint="retrieveBars", times=1000, status=503)
    house.begin()
    await house.until(lambda: house.status().get("can_trade"))
    house.buy(2)
    await house.until(lambda: house.status()["positions"])
    house.move(-400)
    await house.pass_by(20)
    assert house.status()["unmarked"] == ["CON.F.US.MNQ.U26"]
    assert house.status()["unrealized_pnl"] is None
    assert "open P&L is not followed" in house.detail
    house.buy(1, "MES")
    closed = await house.until(house.is_flat)
    assert closed < 1.5
    await proof(house)
    house.do("hub", deed="admit", hub="market")
    back = await house.until(lambda: house.part("market_feed")["state"] == "live")
    assert house.gaps("market")
    house.measured(closed=closed, back=back)


@row(LOSS, settings=FAST)
async def test_on_a_disk_that_turns_read_only_the_daemon_goes_on_in_memory_and_stores_everything_when_it_can(
    house: House,
) -> None:
    assert house.database is not None
    house.database.writer.read("PRAGMA query_only = ON")
    house.buy(1)
    await house.until(lambda: house.net() == 1)
    house.move(-120)
    house.sell(1)
    house.buy(1, "MES")
    closed = await house.until(lambda: house.locks() and house.is_flat())
    assert closed < 1
    await house.until(lambda: "going on in memory" in house.told())
    assert "readonly" in house.part("store")["meaning"]
    assert house.part("store")["state"] == "failing"
    house.buy(1)
    await house.until(lambda: house.is_flat() and house.stages()[-1:] == ["proven"])
    house.database.writer.read("PRAGMA query_only = OFF")
    back = await house.until(lambda: house.part("store")["state"] == "live", longest=300)
    await house.stop()
    await house.start()
    assert house.locks() == ["daily_realized_loss"]
    assert counts_are_right(house)
    house.measured(closed=closed, back=back)


@row(CLOSE, settings=FAST)
async def test_a_database_that_another_program_locks_keeps_no_close_from_leaving(
    house: House,
) -> None:
    assert house.database is not None
    house.database.writer.flush()
    other = sqlite3.connect(house.home.database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        await breach(house)
        await house.until(lambda: "STORE_FAILED" in house.alarms())
        other.execute("ROLLBACK")
    finally:
        other.close()
    await proof(house)
    back = await house.until(lambda: house.part("store")["state"] == "live", longest=300)
    assert [one["actions"] for one in house.journal("plan")]
    house.measured(back=back)


@row(CLOSE, settings=FAST)
async def test_a_listener_that_does_not_read_holds_nothing_up(house: House) -> None:
    server = house.running_daemon.api.server
    assert server is not None
    async with aiohttp.ClientSession() as session, session.ws_connect(f"ws://127.0.0.1:{server.port}"):
        house.buy(2)
        await house.until(lambda: house.net() == 2)
        for _ in range(200):
            house.move(1)
            house.move(-1)
            await house.pass_by(0.1)
        house.buy(1)
        closed = await house.until(house.is_flat)
        assert closed < 1.5
        await proof(house)
    house.measured(closed=closed)


@row(CLOSE, settings=FAST, starts=False)
async def test_without_its_port_the_daemon_protects_and_screens_may_come_as_soon_as_it_is_free(house: House) -> None:
    squatter = await house.squat()
    await house.start_degraded()
    assert "cannot listen" in house.part("local_api")["meaning"]
    assert await breach(house) < 1.5
    await proof(house)
    squatter.close()
    back = await house.until(lambda: house.part("local_api")["state"] == "live")
    assert back < 11
    house.measured(back=back)


@row(CLOSE, settings=FAST, accounts=(ACCOUNT, OTHER))
async def test_an_account_on_which_nothing_can_be_closed_takes_nothing_from_another(house: House) -> None:
    house.do("switches", locked_may_close=False)
    house.buy(3, account=OTHER)
    house.do("account", account=OTHER, can_trade=False)
    await house.until(lambda: house.net(account=OTHER) == 3)
    await house.until(lambda: f"account {OTHER}: the venue refuses" in house.detail)
    closed = await breach(house)
    assert closed < 1.5
    await proof(house)
    assert house.net(account=OTHER) == 3
    assert house.part("enforcement", OTHER)["state"] == "failing"
    await house.until(lambda: f"N{OTHER}: " in house.told() and "refuses" in house.told())
    house.measured(closed=closed)


@row(CLOSE, settings=FAST, accounts=(ACCOUNT, OTHER))
async def test_a_rule_that_breaks_is_alarmed_and_the_other_rules_and_accounts_are_protected(house: House) -> None:
    pipeline = house.running_daemon.pipeline
    policy = pipeline.accounts[ACCOUNT].state.policy
    broken = replace(policy, rules=(Broken(), *policy.rules))
    pipeline.post_to(ACCOUNT, PolicyChanged(at=house.venue.stage.clock.now(), policies={ACCOUNT: broken}))
    for account in (ACCOUNT, OTHER):
        house.buy(3, account=account)
        assert await house.until(lambda: house.is_flat(account) and house.truth(account)["trades"]) < 1.5  # noqa: B023  waited for here
    await house.until(lambda: "RULE_BROKE" in house.alarms())
    assert house.part("rule")["subject"] == "broken"
    assert "rule broken of account" in house.detail
    await house.until(lambda: "does not protect" in house.told())


@row(CLOSE, settings=FAST)
async def test_a_service_for_alarms_that_is_away_delays_nothing_and_is_told_afterwards(house: House) -> None:
    house.people.answers = [503] * 5
    closed = await breach(house)
    assert closed < 1.5
    await proof(house)
    told = await house.until(lambda: "max contracts breached" in house.told(), longest=300)
    assert house.told().count("max contracts breached") == 1
    house.measured(closed=closed, back=told)


@row(CLOSE, settings=FAST)
async def test_a_list_of_accounts_that_cannot_be_read_takes_nothing_from_the_protection(house: House) -> None:
    house.do("faults/rest", endpoint="Account/search", times=100000, status=503)
    await house.pass_by(65)
    assert await breach(house) < 1.5
    await proof(house)
    assert Decimal(house.status()["balance"]) > 0
