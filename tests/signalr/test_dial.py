"""Dialling: URLs, refusals and attempts broken off."""

import asyncio
import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from risk_manager.signalr.dial import Frames, dial, websocket_url
from risk_manager.signalr.endings import ConnectFailed, Ending, Unreachable, UpgradeRefused
from tests.patience import patience
from tests.signalr.hub import served


def frames() -> Frames:
    return Frames(
        opened=lambda _transport: None,
        received=lambda _payload: None,
        closing=lambda _detail: None,
        lost=lambda _detail: None,
    )


async def dial_frames(url: str) -> None:
    await dial(url, frames(), max_frame_bytes=1000, ssl_context=None)


@pytest.mark.parametrize(
    ("url", "dialled"),
    [
        ("https://rtc.topstepx.com/hubs/user", "wss://rtc.topstepx.com/hubs/user?access_token=a%2Bb%26c"),
        ("http://127.0.0.1:8/hubs/user?x=1", "ws://127.0.0.1:8/hubs/user?x=1&access_token=a%2Bb%26c"),
        ("wss://host/h#part", "wss://host/h?access_token=a%2Bb%26c"),
    ],
)
def test_the_token_travels_escaped_in_the_query(url: str, dialled: str) -> None:
    assert websocket_url(url, "a+b&c") == dialled


@pytest.mark.parametrize("status", [401, 403, 503, 302])
async def test_a_refused_upgrade_tells_its_status(status: int) -> None:
    async def refuse(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": "http://elsewhere.invalid/"})

    async with served(refuse) as url:
        with pytest.raises(ConnectFailed) as failure:
            await dial_frames(websocket_url(url, "t"))

    assert failure.value.ending == UpgradeRefused(status)


async def test_a_closed_port_is_unreachable() -> None:
    async def unused(_request: web.Request) -> web.StreamResponse:
        return web.Response()

    async with served(unused) as url:
        pass  # the port was open, and is no more

    with pytest.raises(ConnectFailed) as failure:
        await dial_frames(websocket_url(url, "secret-token"))

    assert isinstance(failure.value.ending, Unreachable)
    assert "secret-token" not in str(failure.value)


async def test_an_answer_that_is_no_http_is_unreachable() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-nothing\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectFailed) as failure:
            await dial_frames(f"ws://127.0.0.1:{port}/")

    assert isinstance(failure.value.ending, Unreachable)


async def test_a_server_that_hangs_up_during_the_upgrade_is_unreachable() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectFailed, match="before the WebSocket upgrade"):
            await dial_frames(f"ws://127.0.0.1:{port}/")


async def test_an_attempt_broken_off_during_the_upgrade_leaves_no_socket() -> None:
    asked, hung_up = asyncio.Event(), asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        assert await reader.read() == b""
        hung_up.set()
        writer.close()
        await writer.wait_closed()

    async with asyncio.timeout(patience(20)), await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        before = asyncio.all_tasks()  # on Windows the listening server has a task of its own
        attempt = asyncio.create_task(dial_frames(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
        await asked.wait()
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        await hung_up.wait()
        assert attempt not in asyncio.all_tasks()

    assert {task for task in asyncio.all_tasks() - before if "accept_coro" not in repr(task)} == set()


async def test_an_attempt_broken_off_before_the_connection_ends_at_once() -> None:
    attempt = asyncio.create_task(dial_frames("ws://localhost:1/"))
    await asyncio.wait([attempt], timeout=0)  # the name is being looked up
    attempt.cancel()

    with pytest.raises(asyncio.CancelledError):
        await attempt

    assert asyncio.all_tasks() == {asyncio.current_task()}


def certificate_of_localhost(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "localhost.pem"
    unencrypted = serialization.NoEncryption()
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return pem


async def test_tls_is_spoken_and_the_hosts_certificate_is_checked(tmp_path: Path) -> None:
    pem = certificate_of_localhost(tmp_path)
    of_server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    of_server.load_cert_chain(pem)
    trusting = ssl.create_default_context(cafile=str(pem))

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=403)

    async def ending(url: str, ssl_context: ssl.SSLContext | None) -> Ending:
        with pytest.raises(ConnectFailed) as failure:
            await dial(url, frames(), max_frame_bytes=1000, ssl_context=ssl_context)
        return failure.value.ending

    async with served(refuse, ssl_context=of_server) as url:
        by_address = websocket_url(url, "t")
        by_name = by_address.replace("127.0.0.1", "localhost")
        assert await ending(by_name, trusting) == UpgradeRefused(403)
        wrong_name, unknown_issuer = await ending(by_address, trusting), await ending(by_name, None)

    assert isinstance(wrong_name, Unreachable)
    assert "IP address mismatch" in wrong_name.detail
    assert isinstance(unknown_issuer, Unreachable)
    assert "self-signed certificate" in unknown_issuer.detail


async def test_the_token_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.NOTSET + 1)

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=401)

    async with served(refuse) as url:
        with pytest.raises(ConnectFailed):
            await dial_frames(websocket_url(url, "secret-token"))

    logged = [record.getMessage() for record in caplog.records if record.name.startswith("risk_manager")]
    assert logged
    assert not any("secret-token" in line for line in logged)
