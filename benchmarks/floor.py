"""The floor: a client in bare asyncio that sees the same bytes, decodes nothing, and answers a breach at once.

`python -m benchmarks.floor REST_PORT HUB_PORT ACCOUNT...` joins the hubs for each account, as the daemon does.
Without arguments it wakes once a second and does nothing: the floor of an idle process, a sleeping machine's cost.
"""

import asyncio
import sys
from typing import NoReturn, cast

import msgspec

from benchmarks.seats import Seat
from benchmarks.wire import BREACH_MARK, token_of

_UPGRADE = (
    "GET /hubs/{hub}?access_token={token} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
_HANDSHAKE = b'{"protocol":"json","version":1}\x1e'
_TEXT_FRAME, _MASKED = 0x81, 0x80
_NO_MASK = b"\0\0\0\0"


class Line(asyncio.Protocol):
    """A kept-alive connection on which answers are ignored."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def close(self) -> None:
        """End the connection."""
        if self.transport is not None:
            self.transport.abort()

    def write(self, data: bytes) -> None:
        """Write at once."""
        if self.transport is not None:
            self.transport.write(data)


class Stream(Line):
    """A hub connection: joins in bytes written beforehand, and answers what looks like a breach."""

    def __init__(self, hub: str, token: str, answers: dict[bytes, bytes], link: Line) -> None:
        super().__init__()
        self._hub = hub
        self._token = token
        self._answers = answers
        self._link = link
        self._is_joined = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        super().connection_made(transport)
        self.write(_UPGRADE.format(hub=self._hub, token=self._token).encode())

    def data_received(self, data: bytes) -> None:
        """Answer a breach; the first bytes are the consent to the upgrade."""
        if BREACH_MARK in data:
            for contract_id, answer in self._answers.items():
                if contract_id in data:
                    self._link.write(answer)
                    return
        elif not self._is_joined:
            self._is_joined = True
            self.write(bytes((_TEXT_FRAME, _MASKED | len(_HANDSHAKE))) + _NO_MASK + _HANDSHAKE)


def closing_request(seat: Seat, contract_id: str, rest_port: int) -> bytes:
    """Write the request that closes a seat's breach, byte for byte that of the daemon."""
    body = msgspec.json.encode({"accountId": seat.account_id, "contractId": contract_id})
    head = (
        "POST /api/Position/closeContract HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{rest_port}\r\n"
        "User-Agent: simple-risk-manager\r\n"
        "Accept: application/json\r\n"
        f"Authorization: Bearer {token_of(seat.account_id)}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def join(rest_port: int, hub_port: int, account_ids: list[int]) -> None:
    """Connect every account and stay until cancelled."""
    lines: list[Line] = []
    try:
        for seat in map(Seat, account_ids):
            link = await _connected(Line(), rest_port)
            lines.append(link)
            answers = {one.encode(): closing_request(seat, one, rest_port) for one in seat.breachable}
            for hub in ("user", "market"):
                stream = Stream(hub, token_of(seat.account_id), answers, link)
                lines.append(await _connected(stream, hub_port))
        await asyncio.get_running_loop().create_future()
    finally:
        for line in lines:
            line.close()


async def _connected(line: Line, port: int) -> Line:
    await asyncio.get_running_loop().create_connection(lambda: line, "127.0.0.1", port)
    return line


async def wake_every_second() -> NoReturn:
    """Do nothing, once a second."""
    while True:  # noqa: ASYNC110  the waking itself is what is measured
        await asyncio.sleep(1)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        asyncio.run(wake_every_second())
    asyncio.run(join(int(sys.argv[1]), int(sys.argv[2]), [int(one) for one in sys.argv[3:]]))
