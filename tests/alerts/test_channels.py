import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from risk_manager.alerts.channels import LONGEST_WAIT, Channel, Fate, Outcome, ToastChannel, close_all, opened
from risk_manager.config.alerts import AlertChannel, ChannelKind
from tests.alerts.post_office import Service, alarm, running, webhook_at

TOKEN = "123456:AAsecretsecretsecretsecret"


async def sent(channel: Channel) -> Outcome:
    try:
        return await channel.send(alarm())
    finally:
        await channel.aclose()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("kind", "key"), [(ChannelKind.WEBHOOK, "title"), (ChannelKind.DISCORD, "content"), (ChannelKind.SLACK, "blocks")]
)
async def test_a_service_gets_the_form_that_it_wants(kind: ChannelKind, key: str) -> None:
    async with running(Service()) as service:
        (channel,) = opened([webhook_at(service.url, kind=kind)])
        assert await sent(channel) == Outcome(Fate.TAKEN)
        ((path, body),) = service.posts
        assert path == "/hook/s3same"
        assert key in body


async def test_a_telegram_bot_is_asked_to_write_into_its_chat() -> None:
    bot = AlertChannel(kind=ChannelKind.TELEGRAM, name="telegram", token=TOKEN, chat_id="-100")
    async with running(Service()) as service:
        (channel,) = opened([bot], telegram_at=f"http://127.0.0.1:{service.port}")
        assert await sent(channel) == Outcome(Fate.TAKEN)
        assert service.posts == [(f"/bot{TOKEN}/sendMessage", service.posts[0][1])]
        assert service.posts[0][1]["chat_id"] == "-100"


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (204, Fate.TAKEN),
        (302, Fate.AWAY),
        (400, Fate.REFUSED),
        (401, Fate.AWAY),
        (404, Fate.AWAY),
        (413, Fate.REFUSED),
        (429, Fate.AWAY),
        (500, Fate.AWAY),
        (503, Fate.AWAY),
    ],
)
async def test_what_an_answer_means(status: int, fate: Fate) -> None:
    async with running(Service(answers=[status])) as service:
        (channel,) = opened([webhook_at(service.url)])
        assert (await sent(channel)).fate is fate


@pytest.mark.parametrize(("header", "wait"), [("7", 7.0), ("1.5", 1.5), ("999999", LONGEST_WAIT), ("soon", 0.0)])
async def test_a_service_that_wants_to_be_left_alone_is(header: str, wait: float) -> None:
    async with running(Service(answers=[429], headers={"Retry-After": header})) as service:
        (channel,) = opened([webhook_at(service.url)])
        assert (await sent(channel)).wait == wait


async def test_a_refused_connection_and_a_silent_service_are_away_and_named_without_the_address() -> None:
    (channel,) = opened([webhook_at(f"http://127.0.0.1:{closed_port()}/s3same")])
    refused = await sent(channel)
    async with running(Service(is_silent=True)) as service:
        (channel,) = opened([webhook_at(service.url)], patience=0.05)
        silent = await sent(channel)
    for outcome in (refused, silent):
        assert outcome.fate is Fate.AWAY
        assert "s3same" not in outcome.detail
        assert "127.0.0.1" not in outcome.detail


async def test_an_address_that_is_none_is_named_without_itself() -> None:
    (channel,) = opened([webhook_at("https://[s3same]/x")])
    outcome = await sent(channel)
    assert outcome.fate is Fate.AWAY
    assert "s3same" not in outcome.detail


def test_no_secret_is_in_what_a_channel_is_written_as() -> None:
    bot = AlertChannel(kind=ChannelKind.TELEGRAM, name="telegram", token=TOKEN, chat_id="1")
    hook = webhook_at("https://example.com/s3same")
    written = repr([bot, hook, *opened([bot, hook])])
    assert TOKEN not in written
    assert "s3same" not in written


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    since = datetime(2020, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(since).not_valid_after(since + timedelta(days=36500))
    certificate = builder.sign(key, hashes.SHA256())
    pem = folder / "both.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@asynccontextmanager
async def impostor(context: ssl.SSLContext, heard: list[bytes]) -> AsyncIterator[int]:
    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_nothing_is_told_to_a_server_that_cannot_prove_who_it_is(tmp_path: Path) -> None:
    heard: list[bytes] = []
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's own complaint about us
    async with impostor(self_signed(tmp_path), heard) as port:
        (channel,) = opened([webhook_at(f"https://localhost:{port}/s3same")])
        outcome = await sent(channel)
    assert outcome.fate is Fate.AWAY
    assert heard == []


async def test_without_a_desktop_a_toast_is_given_up() -> None:
    channel = ToastChannel("toast", None)
    assert (await sent(channel)).fate is Fate.NOWHERE
    await close_all([channel])


async def test_a_toast_channel_finds_its_own_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith("DISPLAY") or name.startswith("DBUS"):
            monkeypatch.delenv(name)
    (channel,) = opened([AlertChannel(kind=ChannelKind.TOAST, name="toast")])
    assert channel.name == "toast"
