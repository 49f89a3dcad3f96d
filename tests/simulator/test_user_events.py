from typing import Any

import pytest

from tests.simulator.client import ACCOUNT, Client, Hub, at_the_venue


async def _filled(client: Client, hub: Hub, **order: Any) -> None:
    await client.place(**order)
    await hub.event("GatewayUserAccount")


async def test_a_fill_is_told_as_order_trade_position_account() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place(size=2)
        pending = await hub.event("GatewayUserOrder")
        assert (pending["action"], pending["data"]["status"]) == (1, 6)
        filled = await hub.event("GatewayUserOrder")
        trade = await hub.event("GatewayUserTrade")
        position = await hub.event("GatewayUserPosition")
        account = await hub.event("GatewayUserAccount")
        assert (filled["data"]["status"], trade["action"], position["action"]) == (2, 0, 1)
        assert (position["data"]["size"], account["data"]["balance"]) == (2, 150000 - 1.22)


async def test_hubs_leave_nulls_out_and_write_seven_digits() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place()
        order = (await hub.event("GatewayUserOrder"))["data"]
        assert {"limitPrice", "stopPrice", "filledPrice", "customTag", "parentOrderId"}.isdisjoint(order)
        assert len(order["creationTimestamp"]) == len("2026-08-19T20:49:25.3938333+00:00")
        assert "profitAndLoss" not in (await hub.event("GatewayUserTrade"))["data"]


async def test_a_close_is_action_2_type_0_size_0_with_the_old_average() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await _filled(client, hub)
        opened = (await hub.event("GatewayUserPosition"))["data"]
        await client.close()
        closed = await hub.event("GatewayUserPosition")
        assert (closed["action"], closed["data"]["type"], closed["data"]["size"]) == (2, 0, 0)
        assert closed["data"]["averagePrice"] == opened["averagePrice"]
        assert (await client.post("Position/searchOpen", {"accountId": ACCOUNT})).json["positions"] == []


@pytest.mark.parametrize("envelope", ["wrapped", "bare", "list"])
async def test_user_events_can_be_packed_otherwise(envelope: str) -> None:
    async with at_the_venue(switches={"envelope": envelope}) as client:
        hub = await client.user_hub()
        await client.place()
        event = await hub.event("GatewayUserOrder")
        data = {"wrapped": lambda: event["data"], "bare": lambda: event, "list": lambda: event[0]["data"]}
        assert data[envelope]()["accountId"] == ACCOUNT


async def test_a_trade_can_be_told_twice() -> None:
    async with at_the_venue(switches={"duplicate_trades": True}) as client:
        hub = await client.user_hub()
        await client.place()
        first, second = await hub.event("GatewayUserTrade"), await hub.event("GatewayUserTrade")
        assert (first["action"], second["action"], first["data"]) == (0, 1, second["data"])


async def test_ids_can_be_strings() -> None:
    async with at_the_venue(switches={"string_ids": True}) as client:
        hub = await client.user_hub()
        placed = await client.place()
        data = (await hub.event("GatewayUserOrder"))["data"]
        assert data["id"] == data["orderId"] == str(placed["orderId"])


async def test_the_end_of_an_order_can_be_a_delete() -> None:
    async with at_the_venue(switches={"order_end_is_delete": True}) as client:
        hub = await client.user_hub()
        await client.place()
        event = await hub.event("GatewayUserOrder", lambda e: e["data"]["status"] == 2)
        assert event["action"] == 2


async def test_fields_of_newer_versions_can_be_missing() -> None:
    async with at_the_venue(switches={"commissions_field": False, "display_name_field": False}) as client:
        hub = await client.user_hub()
        await client.place()
        assert "commissions" not in (await hub.event("GatewayUserTrade"))["data"]
        assert "contractDisplayName" not in (await hub.event("GatewayUserPosition"))["data"]


async def test_accounts_are_told_at_subscription_and_positions_are_not() -> None:
    async with at_the_venue(switches={"account_snapshot": True}) as client:
        first = await client.user_hub()
        await client.place()
        await first.event("GatewayUserAccount", lambda event: event["data"]["balance"] < 150000)
        hub = await client.hub("user")
        await hub.invoke("SubscribePositions", ACCOUNT)
        await hub.invoke("SubscribeAccounts")
        ids = {(await hub.event("GatewayUserAccount"))["data"]["id"] for _ in range(2)}
        assert ids == {1001, 1002}
        assert "GatewayUserPosition" not in hub.targets()


async def test_a_snapshot_of_positions_can_be_switched_on() -> None:
    async with at_the_venue(switches={"user_snapshot": True}) as client:
        filled = await client.user_hub()
        await _filled(client, filled)
        hub = await client.hub("user")
        await hub.invoke("SubscribePositions", ACCOUNT)
        assert (await hub.event("GatewayUserPosition"))["data"]["size"] == 1
