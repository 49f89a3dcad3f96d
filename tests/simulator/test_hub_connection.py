import asyncio
import json

import aiohttp

from tests.patience import patience
from tests.simulator.client import at_the_venue, is_close, is_ping


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


async def test_a_polite_close_invites_back() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.control("hub", hub="user", deed="close")
        close = next(event for event in await hub.end() if is_close(event))
        assert getattr(close, "allow_reconnect", None) is True


async def test_another_protocol_is_refused_in_the_handshake() -> None:
    async with at_the_venue() as client, aiohttp.ClientSession() as session, asyncio.timeout(patience(5)):
        socket = await session.ws_connect(f"{client.venue.user_hub}?access_token={client.token}")
        await socket.send_str('{"protocol":"messagepack","version":1}\x1e')
        assert "error" in json.loads((await socket.receive_str()).rstrip("\x1e"))
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        await socket.close()
