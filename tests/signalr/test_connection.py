"""A client's connection over real sockets: opening, asking, receiving."""

import asyncio

import msgspec
import pytest

from risk_manager.signalr.connection import HubSettings
from risk_manager.signalr.endings import (
    ConnectFailed,
    ConnectionEnded,
    HandshakeRefused,
    InvocationRefused,
    InvocationTimedOut,
    ServerClosed,
    TransportLost,
    Unreachable,
    UpgradeRefused,
)
from risk_manager.signalr.messages import Completion, Invocation, Malformed, Unknown
from tests.signalr.hub import Call, hub
from tests.signalr.inbox import Inbox, accept_and_listen, connect

pytestmark = pytest.mark.usefixtures("nothing_left_running")


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
