import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.simulator.client import ACCOUNT, Client, Hub, at_the_venue, is_close, is_ping

FILL = ["GatewayUserOrder", "GatewayUserTrade", "GatewayUserPosition", "GatewayUserAccount"]


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
        await client.place()
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
        new = await client.hub("user")
        await client.place()
        await new.invoke("SubscribeAccounts")
        assert new.targets() == []


async def test_the_first_quote_is_full_and_the_next_are_sparse() -> None:
    async with at_the_venue(switches={"prices_move": True, "quotes_per_second": 200}) as client:
        hub = await client.market_hub()
        contract, full = await hub.event("GatewayQuote")
        assert contract == client.mnq
        assert {"symbol", "symbolName", "lastPrice", "bestBid", "bestAsk", "open", "high", "low", "volume"} <= set(full)
        _, sparse = await hub.event("GatewayQuote", lambda arguments: "lastPrice" not in arguments[1])
        assert set(sparse) == {"symbol", "bestBid", "bestAsk", "lastUpdated", "timestamp"}
        assert sparse["symbol"] == "F.US.MNQ"


async def test_the_first_quote_can_lack_bid_and_ask() -> None:
    async with at_the_venue(switches={"quote_snapshot_without_book": True}) as client:
        _, quote = await (await client.market_hub()).event("GatewayQuote")
        assert "bestBid" not in quote
        assert quote["lastPrice"] == 23500


async def test_without_a_snapshot_the_first_quote_comes_with_the_first_move() -> None:
    async with at_the_venue(switches={"quote_snapshot": False}) as client:
        hub = await client.market_hub()
        assert hub.targets() == []
        await client.control("price", contract="MNQ", ticks=4)
        _, quote = await hub.event("GatewayQuote")
        assert (quote["symbolName"], quote["lastPrice"]) == ("/MNQ", 23501)


async def test_prints_are_arrays_with_nulls_and_depth_has_rows() -> None:
    async with at_the_venue(switches={"prices_move": True, "quotes_per_second": 400}) as client:
        hub = await client.hub("market")
        await hub.invoke("SubscribeContractTrades", client.mnq)
        await hub.invoke("SubscribeContractMarketDepth", client.mnq)
        _, rows = await hub.event("GatewayTrade", lambda arguments: None in arguments[1])
        assert {"symbolId", "price", "timestamp", "type", "volume", "contractId"} == set(rows[0])
        _, depth = await hub.event("GatewayDepth")
        assert {row["timestamp"] for row in depth if row} == {"0001-01-01T00:00:00+00:00"}
        _, later = await hub.event("GatewayDepth")
        assert {row["type"] for row in later} == {3, 4}


async def test_the_server_pings() -> None:
    async with at_the_venue(switches={"ping_interval": 0.01}) as client:
        hub = await client.hub("user")
        await hub.until(is_ping)


async def test_a_silent_client_is_dropped() -> None:
    async with at_the_venue(switches={"client_timeout": 0.05}) as client:
        hub = await client.hub("user")
        await hub.end()
        assert (await client.log("disconnect"))[0]["ended_by"] == "silence"


async def test_a_frozen_hub_is_silent_until_it_thaws_and_what_was_lost_is_lost() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.control("hub", hub="user", deed="freeze")
        placed = await client.place()
        watch = await client.user_hub()
        await client.close()
        await watch.event("GatewayUserAccount")
        await client.control("hub", hub="user", deed="thaw")
        later = await client.place()
        event = await hub.event("GatewayUserOrder")
        assert event["data"]["id"] == later["orderId"] != placed["orderId"]


async def test_frozen_events_leave_the_pings() -> None:
    async with at_the_venue(switches={"ping_interval": 0.01}) as client:
        hub = await client.market_hub()
        await client.control("hub", hub="market", deed="freeze_events")
        await hub.until(is_ping)


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


async def test_a_refused_hub_answers_401_and_lets_in_again() -> None:
    async with at_the_venue() as client:
        await client.control("hub", hub="user", deed="refuse")
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            await client.hub("user")
        await client.control("hub", hub="user", deed="admit")
        await client.hub("user")


async def test_without_a_data_subscription_the_market_hub_refuses() -> None:
    async with at_the_venue(switches={"market_hub_refuses": True}) as client:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            await client.hub("market")


async def test_a_wrong_token_is_refused_at_the_hubs() -> None:
    async with at_the_venue() as client:
        client.token = "wrong"
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            await client.hub("user")


async def test_a_logout_is_told_on_both_hubs_which_close_and_the_token_is_dead() -> None:
    async with at_the_venue() as client:
        hubs = [await client.user_hub(), await client.market_hub()]
        await client.control("logout")
        for hub in hubs:
            heard = await hub.end()
            assert "GatewayLogout" in hub.targets()
            assert any(is_close(event) for event in heard)
        assert (await client.post("Account/search", {"onlyActiveAccounts": True})).status == 401


async def test_a_polite_close_invites_back() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.control("hub", hub="user", deed="close")
        close = next(event for event in await hub.end() if is_close(event))
        assert getattr(close, "allow_reconnect", None) is True


@pytest.mark.parametrize("drops", [True, False])
async def test_an_expired_token_drops_the_hubs_or_not(drops: bool) -> None:  # noqa: FBT001 - a case
    async with at_the_venue(switches={"hub_drops_at_expiry": drops}) as client:
        hub = await client.user_hub()
        await client.control("expire_tokens")
        if drops:
            await hub.end()
        else:
            assert (await hub.invoke("SubscribeAccounts")).error is None


async def test_negotiation_offers_websockets() -> None:
    async with at_the_venue() as client, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {client.token}"}
        async with session.post(f"{client.venue.user_hub}/negotiate?negotiateVersion=1", headers=headers) as reply:
            offer = await reply.json()
        assert offer["availableTransports"][0]["transport"] == "WebSockets"
        url = f"{client.venue.user_hub}?id={offer['connectionToken']}&access_token={client.token}"
        async with session.ws_connect(url) as socket:
            await socket.send_str('{"protocol":"json","version":1}\x1e')
            assert await socket.receive_str() == "{}\x1e"
        async with session.post(f"{client.venue.user_hub}/negotiate?negotiateVersion=1") as refused:
            assert refused.status == 401


async def test_another_protocol_is_refused_in_the_handshake() -> None:
    async with at_the_venue() as client, aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{client.venue.user_hub}?access_token={client.token}") as socket:
            await socket.send_str('{"protocol":"messagepack","version":1}\x1e')
            assert "error" in json.loads((await socket.receive_str()).rstrip("\x1e"))
            async with asyncio.timeout(5):
                assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


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
