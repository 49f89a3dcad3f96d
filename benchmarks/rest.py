"""The REST side of the load venue: as little as a daemon needs, answered as fast as Python can."""

import asyncio
import re
from collections.abc import Mapping
from time import perf_counter_ns
from typing import cast

import msgspec

from benchmarks.seats import Seat
from benchmarks.wire import (
    BREACH_SIZE,
    HELD_SIZE,
    contract_json,
    dated,
    http_reply,
    position_json,
    reply,
    stop_json,
    token_of,
    trades_json,
)

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_BEARER = re.compile(rb"Bearer bench-(\d+)-")
_TRADES_OF_THE_DAY = 20
_ACCEPTED = reply()


class _Asked(msgspec.Struct, rename="camel"):
    """What of any request's body the venue looks at."""

    user_name: str = ""
    contract_id: str = ""


_ASKED = msgspec.json.Decoder(_Asked)


class Desk:
    """Knows what to answer to whom; what does not change is written once."""

    def __init__(self, seats: Mapping[int, Seat]) -> None:
        self._seats = seats
        contracts = [contract_json(one) for seat in seats.values() for one in (*seat.held, *seat.breachable)]
        self._common = {
            "/api/Contract/available": reply(contracts=contracts),
            "/api/Auth/validate": reply(newToken=None),
            "/api/Order/search": reply(orders=[]),
            "/api/History/retrieveBars": reply(bars=[{"t": "2026-08-19T14:15:00+00:00", "c": 5000.25}]),
            "/api/Status/ping": http_reply(b"pong"),
        }
        self.counters: set[Counter] = set()
        self._own = {account_id: _answers_of(seat) for account_id, seat in seats.items()}

    def answer(self, path: str, head: bytes, body: bytes, read_at: int) -> bytes:
        """Answer one request; what closes a position also tells the user stream."""
        common = self._common.get(path)
        if common is not None:
            return common
        asked = _ASKED.decode(body)
        if path == "/api/Auth/loginKey":
            return reply(token=token_of(int(asked.user_name.rpartition("-")[2])))
        bearer = _BEARER.search(head)
        seat = self._seats.get(int(bearer[1])) if bearer else None
        if seat is None:
            return http_reply(b"", "401 Unauthorized")
        seat.requests += 1
        if path == "/api/Position/closeContract":
            if not seat.close(asked.contract_id, read_at):
                return reply(success=False, errorCode=2)
            asyncio.get_running_loop().call_soon(seat.tell_flat, asked.contract_id)
            return _ACCEPTED
        if path == "/api/Position/searchOpen":
            path = seat.breached if seat.is_breached else "kept"
        return self._own[seat.account_id].get(path) or http_reply(b"", "404 Not Found")


def _answers_of(seat: Seat) -> dict[str, bytes]:
    account_id = seat.account_id
    kept = [position_json(account_id, one, HELD_SIZE) for one in seat.held]
    stops = [{**stop_json(account_id, one), "id": account_id * 100 + row} for row, one in enumerate(seat.held)]
    account = {
        "id": account_id,
        "name": f"PRAC-V2-{account_id}",
        "balance": 50000.0,
        "canTrade": True,
        "isVisible": True,
        "simulated": True,
    }
    return {
        "/api/Account/search": reply(accounts=[account]),
        "/api/Order/v2/query": reply(orders=stops, totalCount=len(stops)),
        "/api/Trade/search": reply(trades=trades_json(account_id, seat.held[0], count=_TRADES_OF_THE_DAY)),
        "kept": reply(positions=kept),
    } | {
        contract_id: reply(positions=[*kept, position_json(account_id, contract_id, BREACH_SIZE)])
        for contract_id in seat.breachable
    }


class Counter(asyncio.Protocol):
    """One HTTP connection; the instant at which bytes arrive is taken before anything else."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._unread = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be told by asyncio that somebody is there."""
        self._transport = cast("asyncio.Transport", transport)
        self._desk.counters.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Be told by asyncio that nobody is there any more."""
        del exc
        self._desk.counters.discard(self)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Be handed bytes by asyncio."""
        read_at = perf_counter_ns()
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head = self._unread[:end]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._unread) < whole:
                return
            body, self._unread = self._unread[end + 4 : whole], self._unread[whole:]
            path = head.split(b" ", 2)[1].decode()
            if self._transport is not None:
                self._transport.write(dated(self._desk.answer(path, head, body or b"{}", read_at)))
