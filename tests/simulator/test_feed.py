from risk_manager.simulator.feed import watched
from tests.simulator.client import ACCOUNT, at_the_venue


async def test_what_is_listened_to_or_held_is_watched() -> None:
    async with at_the_venue() as client:
        assert watched(client.venue.stage) == []
        await client.control("place", account=ACCOUNT, contract="ES", side="buy")
        hub = await client.market_hub()
        roots = [contract.root for contract in watched(client.venue.stage)]
        assert roots == ["ES", "MNQ"]
        assert not hub.socket.closed


async def test_prices_move_by_themselves_and_stand_still_when_told() -> None:
    async with at_the_venue(switches={"prices_move": True, "quotes_per_second": 500}) as client:
        hub = await client.market_hub()
        for _ in range(5):
            await hub.event("GatewayQuote")
        await client.control("switches", prices_move=False)
        first = (await client.get("control/state")).json["prices"]
        second = (await client.get("control/state")).json["prices"]
        assert first == second


async def test_a_closed_market_has_no_quotes() -> None:
    async with at_the_venue(switches={"prices_move": True, "session": "closed"}) as client:
        hub = await client.market_hub()
        await hub.event("GatewayQuote")
        await hub.invoke("SubscribeContractTrades", client.mnq)
        assert hub.targets() == []
