"""The listening side, against the server over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from risk_manager.local_api.client import Away, connect, fetch_snapshot, follow, wish_lock
from risk_manager.local_api.commands import Result, Session
from risk_manager.local_api.errors import DaemonAway, DaemonMisread
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.server import Server
from tests.local_api.canned import PATIENCE, Commands, calm_snapshot, serving, warning


@asynccontextmanager
async def _stranger(*frames: str | bytes) -> AsyncIterator[int]:
    """A program on the port that says something else, then nothing."""

    async def say(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        for frame in frames:
            await (ws.send_str(frame) if isinstance(frame, str) else ws.send_bytes(frame))
        await ws.close()
        return ws

    app = web.Application()
    app.router.add_get("/", say)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def test_one_look_brings_the_snapshot() -> None:
    async with serving() as server:
        assert await fetch_snapshot(server.port) == calm_snapshot()


async def test_nobody_there_is_said_with_what_to_do() -> None:
    async with serving() as server:
        port = server.port

    with pytest.raises(DaemonAway, match="risk-manager run"):
        await fetch_snapshot(port)


@pytest.mark.parametrize("frame", ["hello", '{"type": "warning"}', '{"type": "snapshot", "data": {}}', "[" * 90_000])
async def test_a_stranger_on_the_port_is_not_taken_for_the_daemon(frame: str) -> None:
    async with _stranger(frame) as port:
        with pytest.raises(DaemonMisread):
            await fetch_snapshot(port)


async def test_a_web_server_on_the_port_is_not_taken_for_the_daemon() -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with pytest.raises(DaemonMisread, match="404"):
        await fetch_snapshot(int(runner.addresses[0][1]))
    await runner.cleanup()


async def test_one_that_says_nothing_is_away_after_a_while() -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    gone = asyncio.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    with pytest.raises(DaemonAway, match="no answer"):
        await fetch_snapshot(int(server.sockets[0].getsockname()[1]), patience=0.05)
    gone.set()
    server.close()
    await server.wait_closed()


async def test_what_happens_is_told_after_the_snapshot() -> None:
    async with serving() as server, connect(server.port) as connection, asyncio.timeout(PATIENCE):
        server.broadcast(warning("told"))

        assert await anext(connection.messages()) == warning("told")


async def test_a_snapshot_may_come_anew() -> None:
    async with serving() as server, connect(server.port) as connection, asyncio.timeout(PATIENCE):
        server.broadcast_snapshot()

        assert await anext(connection.messages()) == calm_snapshot()


async def test_login_and_command() -> None:
    commands = Commands()
    async with serving(commands) as server, connect(server.port) as connection, asyncio.timeout(PATIENCE):
        session = await connection.log_in("open sesame")
        assert isinstance(session, Session)
        server.broadcast(warning("in between"))
        result = await connection.command(session.token, "lock_now", {"account_id": 1})

    assert result == Result(ok=True, message="lock_now done")
    assert commands.asked == [("lock_now", {"account_id": 1})]


async def test_a_refused_login_says_why() -> None:
    async with serving() as server, connect(server.port) as connection, asyncio.timeout(PATIENCE):
        refusal = await connection.log_in("x")

    assert refusal == Result(ok=False, message="wrong password")


async def test_unreadable_events_are_passed_over() -> None:
    async with serving() as real:
        first = await _first_frame(real)
    nonsense = ('{"type": "warning", "data": 7}', "not json", b"\x00", '{"type": "tea_time", "data": {}}')
    last = '{"type": "warning", "account_id": 1, "data": {"at": "2026-03-10T12:00:00Z", "code": "TOLD", "text": "ok"}}'

    async with _stranger(first, *nonsense, last) as port, connect(port) as connection, asyncio.timeout(PATIENCE):
        assert await anext(connection.messages()) == warning("ok")


async def _first_frame(server: Server) -> str:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://127.0.0.1:{server.port}/") as ws,
        asyncio.timeout(PATIENCE),
    ):
        return str(await ws.receive_str())


async def test_following_says_when_the_daemon_is_gone_and_comes_back_by_itself() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            await back.start(port)

    server = Server(snapshot=calm_snapshot, on_command=Commands())
    await server.start(0)
    port = server.port
    back = Server(snapshot=calm_snapshot, on_command=Commands())
    told = follow(port, sleep=sleep)
    async with asyncio.timeout(PATIENCE):
        assert isinstance(await anext(told), Snapshot)
        closing = asyncio.create_task(server.aclose())
        for _ in range(3):
            assert isinstance(await anext(told), Away)
        assert isinstance(await anext(told), Snapshot)
        back.broadcast(warning("told"))
        assert await anext(told) == warning("told")
    await closing
    await told.aclose()
    await back.aclose()
    assert waits[0] < waits[1] < waits[2]


async def test_a_wish_to_be_locked_needs_no_password() -> None:
    commands = Commands()
    async with serving(commands) as server:
        result = await wish_lock({"account_id": 1, "seconds": 60}, server.port)

    assert result.ok
    assert commands.asked == [("voluntary_lock", {"account_id": 1, "seconds": 60})]


async def test_no_other_command_goes_without_a_password() -> None:
    commands = Commands()
    async with serving(commands) as server, connect(server.port) as connection:
        for command in ("lock_now", "clear_lockout", "reload", "set_mode", "health", "note"):
            assert not (await connection.command("", command)).ok

    assert commands.asked == []
