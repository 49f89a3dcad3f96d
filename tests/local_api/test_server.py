"""The daemon's WebSocket, over real sockets."""

import asyncio
import json
from functools import partial

import aiohttp
import pytest

from risk_manager.local_api.errors import PortTaken
from risk_manager.local_api.frames import Message
from risk_manager.local_api.server import Server
from tests.local_api.canned import (
    PATIENCE,
    Commands,
    calm_snapshot,
    quote,
    raw_listener,
    serving,
    warning,
)

LOGIN = '{"type": "login", "password": "open sesame"}'


async def test_whoever_connects_is_told_everything_first() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        first = await listener.next()

    assert first["type"] == "snapshot"
    assert first["data"]["accounts"][0]["nickname"] == "Main"


async def test_then_everyone_is_told_what_happens_in_order() -> None:
    async with serving() as server, raw_listener(server.port) as one, raw_listener(server.port) as other:
        await one.next(), await other.next()

        server.broadcast(warning("first"))
        server.broadcast(warning("second"))

        for listener in (one, other):
            assert [(await listener.next())["data"]["text"] for _ in range(2)] == ["first", "second"]


async def test_a_plain_request_is_told_that_this_is_a_websocket() -> None:
    async with (
        serving() as server,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}/") as response,
    ):
        assert response.status == 426


async def test_of_many_quotes_the_first_and_then_the_latest_is_told() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()

        server.broadcast(quote("1"))
        server.broadcast(quote("2"))
        first = await listener.next()
        for price in ("3", "4", "5"):
            server.broadcast(quote(price))
        second = await listener.next()

    assert first["data"]["last"] == "2"
    assert second["data"]["last"] == "5"


async def test_a_contract_is_told_five_times_a_second_at_most() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        loop = asyncio.get_running_loop()
        start = loop.time()
        for price in range(4):
            server.broadcast(quote(str(price)))
            await listener.next()

        assert loop.time() - start >= 0.59


async def test_who_asks_for_another_pace_is_told_at_that_and_the_others_at_theirs() -> None:
    async with (
        serving() as server,
        raw_listener(server.port, query="?prices_every=0.6") as slow,
        raw_listener(server.port) as other,
    ):
        await slow.next(), await other.next()
        server.broadcast(quote("0"))
        await slow.next(), await other.next()
        for last in ("1", "2"):
            server.broadcast(quote(last))
            assert (await other.next())["data"]["last"] == last

        assert (await slow.next())["data"]["last"] == "2"


@pytest.mark.parametrize("pace", ["0.1", "2", "often", "", "nan", "-0.5"])
async def test_a_pace_that_cannot_be_kept_is_refused(pace: str) -> None:
    async with serving() as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await session.ws_connect(f"ws://127.0.0.1:{server.port}/?prices_every={pace}")

    assert refusal.value.status == 400


async def test_contracts_do_not_wait_for_each_other() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        server.broadcast(quote("1", "A"))
        server.broadcast(quote("2", "B"))

        told = [(await listener.next())["data"]["contract_id"] for _ in range(2)]

    assert told == ["A", "B"]


async def test_what_is_told_as_latest_is_made_only_when_it_is_sent() -> None:
    made: list[str] = []

    def make(text: str) -> Message:
        made.append(text)
        return warning(text)

    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        for text in ("1", "2", "3"):
            server.broadcast_latest("rules", partial(make, text))
        assert (await listener.next())["data"]["text"] == "3"

    assert made == ["3"]


async def test_with_no_listener_nothing_is_made_at_all() -> None:
    made: list[str] = []

    def make() -> Message:
        made.append("x")
        return warning("x")

    async with serving() as server:
        server.broadcast_latest("rules", make)
        server.broadcast(quote("1"))
        await asyncio.sleep(0)

    assert made == []


async def test_what_waited_for_a_slow_reader_arrives_whole_and_in_order() -> None:
    async with serving(most_waiting=200) as server, raw_listener(server.port) as slow:
        await slow.next()
        for number in range(120):
            server.broadcast(warning(f"{number} {'x' * (100_000 + 5_000 * (number % 7))}"))
        async with asyncio.timeout(PATIENCE):
            texts = [(await slow.next())["data"]["text"] for _ in range(120)]
        assert [text.partition(" ")[0] for text in texts] == [str(number) for number in range(120)]


async def test_a_listener_that_does_not_read_is_dropped_and_the_others_go_on() -> None:
    async with serving(most_waiting=50) as server, raw_listener(server.port) as attentive:
        await attentive.next()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        assert server.listeners == 2

        async with asyncio.timeout(PATIENCE):
            while server.listeners == 2:
                server.broadcast(warning("x" * 100_000))
                await attentive.next()

        server.broadcast(warning("still here"))
        assert (await attentive.next())["data"]["text"] == "still here"
        writer.close()


async def test_a_command_needs_a_token() -> None:
    commands = Commands()
    async with serving(commands) as server, raw_listener(server.port) as listener:
        await listener.next()
        answer = await listener.ask('{"type": "command", "token": "invented", "command": "reload"}')

    assert answer["type"] == "result"
    assert answer["ok"] is False
    assert "log in" in answer["message"]
    assert commands.asked == []


async def test_a_command_with_a_token_is_carried_out_with_its_arguments() -> None:
    commands = Commands()
    async with serving(commands) as server, raw_listener(server.port) as listener:
        await listener.next()
        token = (await listener.ask(LOGIN))["token"]
        answer = await listener.ask(
            json.dumps({"type": "command", "token": token, "command": "clear_lockout", "account_id": 1, "id": "a"})
        )

    assert answer == {"type": "result", "ok": True, "message": "clear_lockout done", "data": None, "id": "a"}
    assert commands.asked == [("clear_lockout", {"account_id": 1})]


async def test_a_wrong_password_is_told_and_the_next_guess_must_wait() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        first = await listener.ask('{"type": "login", "password": "x"}')
        second = await listener.ask(LOGIN)

    assert first["message"] == "wrong password"
    assert "try again" in second["message"]


async def test_a_port_in_use_is_a_clear_error() -> None:
    async with serving() as server:
        late = Server(snapshot=calm_snapshot, on_command=Commands())

        with pytest.raises(PortTaken, match=str(server.port)):
            await late.start(server.port)


async def test_the_port_is_free_again_after_closing() -> None:
    async with serving() as server:
        port = server.port
    again = Server(snapshot=calm_snapshot, on_command=Commands())
    await again.start(port)
    await again.aclose()


async def test_closing_says_goodbye() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        closing = asyncio.create_task(server.aclose())
        end = await listener.end()
        await closing

    assert end.data == aiohttp.WSCloseCode.GOING_AWAY


async def test_closing_does_not_wait_for_one_that_does_not_read() -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(100):
            server.broadcast(warning("x" * 100_000))

        async with asyncio.timeout(PATIENCE):
            await server.aclose()
        writer.close()
