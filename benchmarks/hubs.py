"""The two hubs of the load venue: handshake, answers to every call, and pings."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest

from benchmarks.seats import Seat
from risk_manager.signalr.messages import Invocation
from risk_manager.signalr.protocol import HandshakeRequested, ServerProtocol

PING_EVERY = 15.0
"""Seconds, as the venue does."""


class Visitor(WSListener):
    """One connection of one seat, to the user or the market hub."""

    def __init__(self, seat: Seat, hub: str) -> None:
        super().__init__()
        self._seat = seat
        self._hub = hub
        self._protocol = ServerProtocol()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Shake hands, then say yes to everything."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
            return
        for event in self._protocol.receive_data(frame.get_payload_as_bytes()):
            match event:
                case HandshakeRequested():
                    transport.send(WSMsgType.TEXT, self._protocol.accept_handshake())
                    setattr(self._seat, self._hub, transport)
                case Invocation(invocation_id=str(invocation_id)):
                    transport.send(WSMsgType.TEXT, self._protocol.send_completion(invocation_id, 0))
                case _:
                    pass

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Leave the seat."""
        if getattr(self._seat, self._hub) is transport:
            setattr(self._seat, self._hub, None)


def visitor_for(seats: Mapping[int, Seat], request: WSUpgradeRequest) -> Visitor | None:
    """Show a connection to its seat, by path and token; None refuses it."""
    address = urlsplit(request.path.decode())
    token = parse_qs(address.query).get("access_token", [""])[0]
    account_id = token.split("-")[1] if token.startswith("bench-") else ""
    hub = address.path.rpartition("/")[2]
    seat = seats.get(int(account_id)) if account_id.isdigit() else None
    return Visitor(seat, hub) if seat is not None and hub in ("user", "market") else None
