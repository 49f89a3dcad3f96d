from tests.simulator.client import at_the_venue


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
