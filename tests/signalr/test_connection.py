"""A client's connection over real sockets."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from risk_manager.signalr.connection import Delivery, HubConnection, HubSettings, open_hub
from risk_manager.signalr.endings import (
    ConnectFailed,
    ConnectionEnded,
    HandshakeRefused,
    InvocationRefused,
    InvocationTimedOut,
    LocallyClosed,
    PeerSilent,
    ReceiverFailed,
    ServerClosed,
    TransportLost,
    Unreachable,
    UpgradeRefused,
)
from risk_manager.signalr.messages import Close, Completion, Invocation, Malformed, Ping, Unknown
from tests.signalr.hub import Call, hub

pytestmark = pytest.mark.usefixtures("nothing_left_running")


@pytest.fixture
async def nothing_left_running() -> object:
    before = asyncio.all_tasks()
    yield
    assert asyncio.all_tasks() <= before | {asyncio.current_task()}


class Inbox:
    """Keeps what was delivered, and lets a test wait for it."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Delivery] = asyncio.Queue()

    def __call__(self, message: Delivery) -> None:
        self.messages.put_nowait(message)

    async def take(self, count: int) -> list[Delivery]:
        return [await self.messages.get() for _ in range(count)]


async def token() -> str:
    return "t0ken"


async def connect(
    url: str,
    *,
    inbox: Callable[[Delivery], None] | None = None,
    settings: HubSettings | None = None,
    access_token: Callable[[], Awaitable[str]] = token,
) -> HubConnection:
    return await open_hub(
        url, access_token=access_token, on_message=inbox or Inbox(), settings=settings or HubSettings()
    )


async def accept_and_listen(call: Call) -> None:
    await call.accept()
    await call.hear_until_hung_up()


# -- opening


async def test_the_token_is_asked_for_at_each_connection_and_sent_in_the_query() -> None:
    seen: list[str] = []
    tokens = iter(["first", "second"])

    async def next_token() -> str:
        return next(tokens)

    async def scenario(call: Call) -> None:
        seen.append(call.request.query["access_token"])
        await accept_and_listen(call)

    async with hub(scenario) as url:
        async with await connect(url, access_token=next_token):
            pass
        async with await connect(url, access_token=next_token):
            pass

    assert seen == ["first", "second"]


async def test_messages_in_the_frame_of_the_handshake_are_delivered() -> None:
    async def scenario(call: Call) -> None:
        await call.accept(more='{"type":1,"target":"GatewayLogout","arguments":[]}\x1e')
        await call.hear_until_hung_up()

    inbox = Inbox()
    async with hub(scenario) as url, await connect(url, inbox=inbox):
        assert await inbox.take(1) == [Invocation(target="GatewayLogout")]


async def test_a_refused_handshake_tells_the_hubs_words() -> None:
    async def scenario(call: Call) -> None:
        await call.hear()
        await call.say(call.protocol.refuse_handshake("full"))
        await call.hear()

    async with hub(scenario) as url:
        with pytest.raises(ConnectFailed) as failure:
            await connect(url)

    assert failure.value.ending == HandshakeRefused("full")


async def test_a_hub_that_hangs_up_instead_of_shaking_hands_is_a_lost_transport() -> None:
    async def scenario(call: Call) -> None:
        await call.hear()

    async with hub(scenario) as url:
        with pytest.raises(ConnectFailed) as failure:
            await connect(url)

    assert isinstance(failure.value.ending, TransportLost)


async def test_a_hub_that_never_shakes_hands_is_given_up() -> None:
    async def scenario(call: Call) -> None:
        await call.hear_until_hung_up()

    async with hub(scenario) as url:
        with pytest.raises(ConnectFailed) as failure:
            await connect(url, settings=HubSettings(connect_timeout=0.05))

    assert failure.value.ending == Unreachable("no handshake within 0.05 s")


async def test_a_path_without_a_hub_is_a_refused_upgrade() -> None:
    async with hub(accept_and_listen) as url:
        with pytest.raises(ConnectFailed) as failure:
            await connect(url + "/nowhere")

    assert failure.value.ending == UpgradeRefused(404)


async def test_what_the_token_factory_raises_passes_through() -> None:
    async def no_token() -> str:
        raise LookupError("not logged in")

    with pytest.raises(LookupError, match="not logged in"):
        await connect("http://127.0.0.1:1/", access_token=no_token)


# -- calling


async def test_an_invocation_returns_the_hubs_result() -> None:
    heard: list[object] = []

    async def scenario(call: Call) -> None:
        await call.accept()
        invocation = await call.hear()
        heard.append(invocation)
        await call.say(call.protocol.send_completion("1", {"n": 7}))
        await call.hear()
        await call.say(call.protocol.send_completion("2"))
        await call.hear_until_hung_up()

    async with hub(scenario) as url, await connect(url) as connection:
        result = await connection.invoke("SubscribeOrders", 42)
        assert result is not None
        assert msgspec.json.decode(result) == {"n": 7}
        assert await connection.invoke("SubscribeAccounts") is None

    assert heard == [Invocation(target="SubscribeOrders", arguments=(msgspec.Raw(b"42"),), invocation_id="1")]


async def test_answers_find_their_questions_in_any_order() -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        await call.hear()
        await call.hear()
        await call.say(call.protocol.send_completion("2", "b") + call.protocol.send_completion("1", "a"))
        await call.hear_until_hung_up()

    async with hub(scenario) as url, await connect(url) as connection:
        results = await asyncio.gather(connection.invoke("A"), connection.invoke("B"))

    assert [bytes(result or b"") for result in results] == [b'"a"', b'"b"']


async def test_an_error_of_the_hub_is_raised_with_its_words() -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        await call.hear()
        await call.say(call.protocol.send_completion_error("1", "wrong arguments"))
        await call.hear_until_hung_up()

    async with hub(scenario) as url, await connect(url) as connection:
        with pytest.raises(InvocationRefused, match="SubscribeOrders refused: wrong arguments"):
            await connection.invoke("SubscribeOrders")


async def test_an_unanswered_invocation_times_out_and_its_late_answer_is_delivered_as_a_stray() -> None:
    timed_out = asyncio.Event()

    async def scenario(call: Call) -> None:
        await call.accept()
        await call.hear()
        await timed_out.wait()
        await call.say(call.protocol.send_completion("1"))
        await call.hear_until_hung_up()

    inbox = Inbox()
    settings = HubSettings(invocation_timeout=0.02)
    async with hub(scenario) as url, await connect(url, inbox=inbox, settings=settings) as connection:
        with pytest.raises(InvocationTimedOut):
            await connection.invoke("SubscribeOrders", 1)
        timed_out.set()
        assert await inbox.take(1) == [Completion(invocation_id="1")]


async def test_an_invocation_under_way_learns_that_the_connection_ended() -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        await call.hear()
        await call.say(call.protocol.send_close_reconnectable("restarting"))
        await call.hear()

    async with hub(scenario) as url, await connect(url) as connection:
        with pytest.raises(ConnectionEnded) as failure:
            await connection.invoke("SubscribeOrders", 1)
        assert failure.value.ending == ServerClosed(error="restarting", allow_reconnect=True)
        with pytest.raises(ConnectionEnded):
            await connection.invoke("SubscribeOrders", 1)


# -- hearing


async def test_everything_but_signs_of_life_and_awaited_answers_is_delivered() -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        await call.say('{"type":6}\x1e{"type":2}\x1e?\x1e{"type":3,"invocationId":"x"}\x1e{"type":1,"target":"x"}\x1e')
        await call.hear_until_hung_up()

    inbox = Inbox()
    async with hub(scenario) as url, await connect(url, inbox=inbox):
        kinds = [type(message) for message in await inbox.take(4)]

    assert kinds == [Unknown, Malformed, Completion, Invocation]


async def test_a_record_over_several_frames_of_either_kind_is_one_message() -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        await call.say('{"type":1,')
        await call.socket.send_bytes(b'"target":"x"}')
        await call.socket.ping()
        await call.say("\x1e")
        await call.hear_until_hung_up()

    inbox = Inbox()
    async with hub(scenario) as url, await connect(url, inbox=inbox):
        assert await inbox.take(1) == [Invocation(target="x")]


async def test_a_depth_snapshot_of_eight_megabytes_arrives() -> None:
    text = "x" * (8 * 1024 * 1024 - 100)

    async def scenario(call: Call) -> None:
        await call.accept()
        await call.say(call.protocol.send_invocation("GatewayDepth", [text]))
        await call.hear_until_hung_up()

    inbox = Inbox()
    async with hub(scenario) as url, await connect(url, inbox=inbox):
        (message,) = await inbox.take(1)

    assert isinstance(message, Invocation)
    assert len(msgspec.json.decode(message.arguments[0])) == len(text)


async def test_a_frame_beyond_all_measure_ends_the_connection() -> None:
    async def scenario(call: Call) -> None:
        await call.accept()
        await call.say("x" * 5000)
        await call.hear_until_hung_up()

    async with hub(scenario) as url, await connect(url, settings=HubSettings(max_record_bytes=1000)) as connection:
        ending = await connection.wait_ended()

    assert isinstance(ending, TransportLost)
    assert "1009" in ending.detail


async def test_a_hub_that_asks_for_a_result_is_told_that_there_is_none() -> None:
    answers: list[object] = []
    answered = asyncio.Event()

    async def scenario(call: Call) -> None:
        await call.accept()
        await call.say(call.protocol.send_invocation("WhoAreYou", invocation_id="9"))
        answers.append(await call.hear())
        answered.set()
        await call.hear_until_hung_up()

    async with hub(scenario) as url, await connect(url):
        await answered.wait()

    assert answers == [Completion(invocation_id="9", error="the client does not answer WhoAreYou")]


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
