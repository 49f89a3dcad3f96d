import asyncio
import errno
import http.client
import socket
from datetime import UTC, datetime

import pytest

from risk_manager.daemon.telling.metrics_endpoint import MetricsEndpoint
from risk_manager.local_api.messages import DaemonStatus, Snapshot
from tests.daemon.telling.test_metrics import VITALS
from tests.patience import patience

WINDOWS_ADDRESS_IN_USE = 10048
AT = datetime(2026, 8, 24, 14, tzinfo=UTC)


def endpoint(port: int = 0) -> MetricsEndpoint:
    snapshot = Snapshot(at=AT, daemon=DaemonStatus(state="live", since=AT, version="1.2"))
    return MetricsEndpoint(port, snapshot=lambda: snapshot, vitals=lambda: VITALS)


def scraped(port: int, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience(10))
    try:
        connection.request("GET", "/metrics", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


async def ask(headers: dict[str, str]) -> tuple[int, str]:
    listening = endpoint()
    try:
        return await asyncio.to_thread(scraped, listening.port, headers)
    finally:
        await listening.aclose()


async def test_a_scrape_gets_the_numbers() -> None:
    status, text = await ask({})
    assert status == 200
    assert "risk_manager_events_total 12.0" in text


@pytest.mark.parametrize("headers", [{"Host": "evil.example:9100"}, {"Host": "evil.example"}, {"Origin": "http://x"}])
async def test_a_web_page_is_refused(headers: dict[str, str]) -> None:
    status, text = await ask(headers)
    assert status == 403
    assert "risk_manager_events" not in text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:9100"])
async def test_every_name_of_this_machine_is_welcome(host: str) -> None:
    assert (await ask({"Host": host}))[0] == 200


async def test_a_taken_port_is_an_error_of_the_system() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(OSError) as refused:  # noqa: PT011  the words are the system's own
            endpoint(holder.getsockname()[1])
        assert refused.value.errno in {errno.EADDRINUSE, WINDOWS_ADDRESS_IN_USE}
