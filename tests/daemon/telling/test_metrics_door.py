import socket
from typing import Any

from risk_manager.daemon.telling.metrics_door import MetricsDoor
from risk_manager.demo.processes import free_port


def door(told: list[str]) -> MetricsDoor:
    nothing: Any = dict
    return MetricsDoor(snapshot=nothing, vitals=nothing, failing=told.append)


async def test_without_a_port_nothing_is_opened() -> None:
    told: list[str] = []
    closed = door(told)
    closed.open(None)
    await closed.aclose()
    assert closed.endpoint is None
    assert told == []


async def test_a_port_that_is_asked_for_is_opened_and_closed_again() -> None:
    told: list[str] = []
    open_one, port = door(told), free_port()
    open_one.open(port)
    assert open_one.endpoint is not None
    assert open_one.endpoint.port == port
    await open_one.aclose()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
    assert told == []


async def test_a_port_that_is_taken_is_told() -> None:
    told: list[str] = []
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        kept_out = door(told)
        kept_out.open(port)
        assert kept_out.endpoint is None
    assert told[0].startswith(f"metrics: port {port} cannot be had (")
