"""The daemon's WebSocket against browsers, floods and nonsense."""

import asyncio

import aiohttp
import pytest

from tests.local_api.canned import PATIENCE, raw_listener, serving

LOGIN = '{"type": "login", "password": "open sesame"}'


async def _a_refusal(port: int, headers: dict[str, str]) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        async with raw_listener(port, headers):
            pass
    return refusal.value.status


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


async def test_too_many_listeners_are_refused() -> None:
    async with serving() as server, aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(f"ws://127.0.0.1:{server.port}/") for _ in range(32)]

        assert await _a_refusal(server.port, {}) == 503
        for ws in sockets:
            await ws.close()


@pytest.mark.parametrize(
    "path", ["//[", "//[?prices_every=0.5", "/\xff?\xff=%ff&prices_every=0.5", "/?" + "&;=" * 5000]
)
async def test_an_address_that_is_none_is_no_reason_to_complain(path: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode("latin-1")
        )
        async with asyncio.timeout(PATIENCE):
            status = await reader.readline()
        writer.close()

    assert status.startswith((b"HTTP/1.1 101", b"HTTP/1.1 4"))
    assert caplog.text == ""
