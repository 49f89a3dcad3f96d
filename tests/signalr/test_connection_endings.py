"""A client's connection over real sockets: signs of life, and every way to an end."""

import asyncio
import logging

import pytest

from risk_manager.signalr.connection import Delivery, HubSettings
from risk_manager.signalr.endings import (
    LocallyClosed,
    PeerSilent,
    ReceiverFailed,
    ServerClosed,
    TransportLost,
)
from risk_manager.signalr.messages import Close, Invocation, Ping
from tests.signalr.hub import Call, hub
from tests.signalr.inbox import accept_and_listen, connect

pytestmark = pytest.mark.usefixtures("nothing_left_running")


# -- receivers


async def test_a_receiver_that_raises_ends_the_connection_with_its_error() -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        await call.say('{"type":1,"target":"x","invocationId":"1"}\x1e{"type":1,"target":"y"}\x1e')
        await call.say('{"type":1,"target":"z"}\x1e')
        await call.hear_until_hung_up()

    heard: list[Delivery] = []
    bug = ZeroDivisionError("a bug")

    def fail(message: Delivery) -> None:
        heard.append(message)
        raise bug

    async with hub(scenario) as url, await connect(url, inbox=fail) as connection:
        assert await connection.wait_ended() == ReceiverFailed(bug)

    assert heard == [Invocation(target="x", invocation_id="1")]


async def test_what_a_receiver_raises_is_told_as_the_ending_and_not_left_with_the_socket(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        await call.say('{"type":1,"target":"x"}\x1e')
        await call.hear_until_hung_up()

    def fail(message: Delivery) -> None:
        raise ZeroDivisionError(message)

    async with hub(scenario) as url, await connect(url, inbox=fail) as connection:
        assert isinstance(await connection.wait_ended(), ReceiverFailed)

    # Where it is, picows warns of it, and a future that nobody reads complains about it at some later time.
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


# -- signs of life


async def test_pings_leave_by_themselves_until_the_goodbye() -> None:
    heard: list[object] = []
    pinged = asyncio.Event()

    async def scenario(call: Call) -> None:
        await call.accept()
        heard.append(await call.hear())
        heard.append(await call.hear())
        pinged.set()
        heard.extend(event for event in await call.hear_until_hung_up() if event != Ping())

    async with hub(scenario) as url, await connect(url, settings=HubSettings(ping_interval=0.01)):
        await pinged.wait()

    assert heard == [Ping(), Ping(), Close()]


async def test_silence_ends_the_connection_though_the_socket_is_open() -> None:
    settings = HubSettings(ping_interval=0.02, silence_limit=0.05)
    async with hub(accept_and_listen) as url, await connect(url, settings=settings) as connection:
        assert connection.ending is None
        assert await connection.wait_ended() == PeerSilent(0.05)
        assert connection.ending == PeerSilent(0.05)


# -- the end


@pytest.mark.parametrize("allow_reconnect", [True, False])
async def test_the_hubs_goodbye_tells_whether_to_come_back(allow_reconnect: bool) -> None:  # noqa: FBT001  a table
    async def scenario(call: Call) -> None:
        await call.accept()
        say_goodbye = call.protocol.send_close_reconnectable if allow_reconnect else call.protocol.send_close
        await call.say(say_goodbye("maintenance"))
        await call.hear_until_hung_up()

    async with hub(scenario) as url, await connect(url) as connection:
        ending = await connection.wait_ended()

    assert ending == ServerClosed(error="maintenance", allow_reconnect=allow_reconnect)


async def test_a_websocket_close_without_goodbye_is_a_lost_transport_with_its_code() -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        await call.socket.close(code=1012, message=b"restart")

    async with hub(scenario) as url, await connect(url) as connection:
        ending = await connection.wait_ended()

    assert ending == TransportLost("closed by the server: 1012 restart")


async def test_a_broken_socket_is_a_lost_transport() -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        transport = call.request.transport
        assert transport is not None
        transport.abort()

    async with hub(scenario) as url, await connect(url) as connection:
        assert await connection.wait_ended() == TransportLost("connection lost")


async def test_closing_says_goodbye_once_and_keeps_the_first_ending() -> None:
    heard: list[object] = []

    async def scenario(call: Call) -> None:
        await call.accept()
        heard.extend(await call.hear_until_hung_up())

    async with hub(scenario) as url:
        connection = await connect(url)
        await connection.close()
        await connection.close()

    assert heard == [Close()]
    assert await connection.wait_ended() == LocallyClosed()


async def test_a_hub_that_ignores_the_goodbye_does_not_hold_us() -> None:
    release = asyncio.Event()

    async def scenario(call: Call) -> None:
        await call.accept()
        await release.wait()

    async with hub(scenario) as url:
        connection = await connect(url, settings=HubSettings(close_timeout=0.02))
        await connection.close()
        release.set()

    assert connection.ending == LocallyClosed()


async def test_a_waiter_that_gives_up_does_not_spoil_the_ending() -> None:
    async with hub(accept_and_listen) as url, await connect(url) as connection:
        waiter = asyncio.create_task(connection.wait_ended())
        await asyncio.wait([waiter], timeout=0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        assert connection.ending is None


async def test_opening_can_be_cancelled_during_the_handshake() -> None:
    asked = asyncio.Event()

    async def scenario(call: Call) -> None:
        await call.hear()
        asked.set()
        await call.hear_until_hung_up()

    async with hub(scenario) as url:
        opening = asyncio.create_task(connect(url))
        await asked.wait()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening


async def test_closing_can_be_cancelled() -> None:
    said_goodbye, release = asyncio.Event(), asyncio.Event()

    async def scenario(call: Call) -> None:
        await call.accept()
        await call.hear()
        said_goodbye.set()
        await release.wait()

    async with hub(scenario) as url:
        connection = await connect(url)
        closing = asyncio.create_task(connection.close())
        await said_goodbye.wait()
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        release.set()
        await connection.close()
