from typing import Any

import pytest

from tests.simulator.client import ACCOUNT, Client, Hub, at_the_venue, is_close

FILL = ["GatewayUserOrder", "GatewayUserTrade", "GatewayUserPosition", "GatewayUserAccount"]


async def _filled(client: Client, hub: Hub, **order: Any) -> None:
    await client.place(**order)
    await hub.event("GatewayUserAccount")


async def test_an_argument_to_subscribe_accounts_is_an_error_and_the_end() -> None:
    async with at_the_venue() as client:
        hub = await client.hub("user")
        answer = await hub.invoke("SubscribeAccounts", ACCOUNT)
        assert "SubscribeAccounts" in str(answer.error)
        assert any(is_close(event) for event in await hub.end())


@pytest.mark.parametrize("argument", ["1001", None, 1.5])
async def test_an_account_that_is_no_number_is_refused(argument: object) -> None:
    async with at_the_venue() as client:
        hub = await client.hub("user")
        assert (await hub.invoke("SubscribeOrders", argument)).error is not None


async def test_an_unknown_method_is_refused_and_the_connection_stays() -> None:
    async with at_the_venue() as client:
        hub = await client.hub("user")
        assert (await hub.invoke("Dance")).error is not None
        assert (await hub.invoke("SubscribeOrders", ACCOUNT)).error is None


async def test_an_invocation_without_id_gets_no_completion() -> None:
    async with at_the_venue() as client:
        hub = await client.hub("market")
        await hub.socket.send_str(hub.protocol.send_invocation("SubscribeContractQuotes", [client.mnq]))
        await hub.event("GatewayQuote")
        assert hub.heard == []


async def test_unsubscribing_ends_the_events() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await hub.invoke("UnsubscribeOrders", ACCOUNT)
        await _filled(client, hub)
        assert "GatewayUserOrder" not in hub.targets()


async def test_subscriptions_die_with_the_connection() -> None:
    async with at_the_venue() as client:
        old = await client.user_hub()
        await client.control("hub", hub="user", deed="drop")
        await old.end()
        new, other = await client.hub("user"), await client.user_hub()
        await _filled(client, other)
        await new.invoke("SubscribeOrders", ACCOUNT)
        assert new.targets() == []


async def test_events_can_be_swallowed_delayed_and_doubled() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.control("faults/event", deed="swallow", target="GatewayUserTrade")
        await client.control("faults/event", deed="duplicate", target="GatewayUserPosition")
        await client.control("faults/event", deed="delay", target="GatewayUserOrder", seconds=0.02)
        await client.place()
        await hub.event("GatewayUserOrder", lambda event: event["data"]["status"] == 6)
        targets = hub.targets()
        assert targets == ["GatewayUserOrder", "GatewayUserPosition", "GatewayUserPosition", "GatewayUserAccount"]


async def test_the_log_tells_every_event_with_its_instant() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await _filled(client, hub)
        events = await client.log("event")
        assert [entry["target"] for entry in events][-4:] == FILL
        assert all(entry["monotonic"] > 0 for entry in events)
        assert [entry["target"] for entry in await client.log("invocation")] == [
            "SubscribeAccounts", "SubscribeOrders", "SubscribePositions", "SubscribeTrades",
        ]  # fmt: skip
