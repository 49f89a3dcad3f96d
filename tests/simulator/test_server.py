import aiohttp
import pytest

from tests.simulator.client import at_the_venue, is_close


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
