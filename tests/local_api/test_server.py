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


async def _a_refusal(port: int, headers: dict[str, str]) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        async with raw_listener(port, headers):
            pass
    return refusal.value.status


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


async def test_a_page_in_a_browser_is_refused() -> None:
    async with serving() as server:
        assert await _a_refusal(server.port, {"Origin": "http://127.0.0.1"}) == 403
        assert await _a_refusal(server.port, {"Origin": "null"}) == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example:80", "", "::1"])
async def test_a_name_that_merely_leads_here_is_refused(host: str) -> None:
    async with serving() as server:
        assert await _a_refusal(server.port, {"Host": host}) in (400, 403)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8765", "LOCALHOST", "[::1]:8765", "[::1]"])
async def test_every_loopback_name_is_welcome(host: str) -> None:
    async with serving() as server, raw_listener(server.port, {"Host": host}) as listener:
        assert (await listener.next())["type"] == "snapshot"


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


async def test_a_contract_is_told_ten_times_a_second_at_most() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        loop = asyncio.get_running_loop()
        start = loop.time()
        for price in range(4):
            server.broadcast(quote(str(price)))
            await listener.next()

        assert loop.time() - start >= 0.29


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


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"type": "dance"}',
        '{"type": "login"}',
        '{"type": "login", "password": 5}',
        '{"type": "command", "token": null, "command": "reload"}',
        '{"type": "command", "token": "x", "command": {"a": 1}}',
        '{"type": "login", "password": "x", "deep": ' + "[" * 30_000 + "]" * 30_000 + "}",
        '{"type": "login", "password": NaN}',
    ],
)
async def test_what_is_no_request_is_answered_and_survived(text: str) -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()

        answer = await listener.ask(text)

        assert answer["ok"] is False
        assert (await listener.ask(LOGIN))["type"] == "session"


async def test_binary_frames_are_no_requests() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        await listener.ws.send_bytes(b"\x00\xff")

        assert (await listener.next())["ok"] is False


async def test_a_huge_request_ends_the_connection() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        await listener.ws.send_str("x" * 1_000_000)

        assert (await listener.end()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        async with raw_listener(server.port) as next_one:
            assert (await next_one.next())["type"] == "snapshot"


async def test_one_that_talks_only_nonsense_is_shown_the_door() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        for _ in range(5):
            await listener.ws.send_str("nonsense")

        end = await listener.end()

    assert end.data == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_a_flood_of_requests_is_shown_the_door() -> None:
    async with serving() as server, raw_listener(server.port) as listener:
        await listener.next()
        for _ in range(200):
            await listener.ws.send_str('{"type": "command", "token": "x", "command": "health"}')

        end = await listener.end()

    assert end.data == aiohttp.WSCloseCode.POLICY_VIOLATION


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


async def test_too_many_listeners_are_refused() -> None:
    async with serving() as server, aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(f"ws://127.0.0.1:{server.port}/") for _ in range(32)]

        assert await _a_refusal(server.port, {}) == 503
        for ws in sockets:
            await ws.close()
