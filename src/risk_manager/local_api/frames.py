"""Messages as they travel: text frames of JSON `{type, account_id, data}`."""

from typing import Final

import msgspec

from risk_manager.local_api.messages import (
    AccountFigures,
    AccountRules,
    DaemonStatus,
    DayReset,
    EnforcementAction,
    Envelope,
    EventData,
    FeedStatus,
    HeldPosition,
    LockEnded,
    LockStatus,
    Snapshot,
    TradeSeen,
    Warned,
    WorkingOrder,
)
from risk_manager.local_api.part_status import PartsTold
from risk_manager.local_api.quotes import MarketQuote

HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8765
"""Where the daemon listens unless risk_config.yaml says otherwise."""

DATA_OF_TYPE: dict[str, type[EventData]] = {
    "GatewayUserTrade": TradeSeen,
    "GatewayUserPosition": HeldPosition,
    "GatewayUserOrder": WorkingOrder,
    "GatewayUserAccount": AccountFigures,
    "MarketQuote": MarketQuote,
    "rule_status": AccountRules,
    "lockout_set": LockStatus,
    "lockout_cleared": LockEnded,
    "enforcement_action": EnforcementAction,
    "daily_reset": DayReset,
    "feed_status": FeedStatus,
    "daemon_status": DaemonStatus,
    "part_status": PartsTold,
    "warning": Warned,
}
"""Every event type, with what its `data` holds."""
_TYPE_OF_DATA = {data: name for name, data in DATA_OF_TYPE.items()}


class Message(msgspec.Struct, frozen=True):
    """Something that happened, to one account or (None) to all; its type follows from what it tells."""

    account_id: int | None
    data: EventData

    @property
    def type(self) -> str:
        """The name on the wire."""
        return _TYPE_OF_DATA[type(self.data)]


_encoder = msgspec.json.Encoder()
_envelope = msgspec.json.Decoder(Envelope)
_readers = {name: msgspec.json.Decoder(data) for name, data in DATA_OF_TYPE.items()}


def encode_message(message: Message) -> bytes:
    """Write an event as it travels."""
    return _encoder.encode({"type": message.type, "account_id": message.account_id, "data": message.data})


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Write the snapshot as it travels."""
    return _encoder.encode({"type": "snapshot", "account_id": None, "data": snapshot})


def remembered(message: Message) -> Envelope:
    """Keep an event for the `recent` of later snapshots."""
    return Envelope(message.type, message.account_id, msgspec.Raw(_encoder.encode(message.data)))


def recalled(envelope: Envelope) -> Message | None:
    """Read an event; None for a type that this version does not know.

    Raises:
        msgspec.DecodeError: the data is not what the type promises.
    """
    reader = _readers.get(envelope.type)
    if reader is None:
        return None
    return Message(envelope.account_id, reader.decode(envelope.data))


def decode_envelope(text: str | bytes) -> Envelope:
    """Open a frame without reading its data.

    Raises:
        msgspec.DecodeError: it is no frame of the daemon's.
        RecursionError: it is nested without end.
    """
    return _envelope.decode(text)


def decode_snapshot(envelope: Envelope) -> Snapshot:
    """Read the snapshot that every connection begins with.

    Raises:
        msgspec.DecodeError: it has another shape.
    """
    return msgspec.json.decode(envelope.data, type=Snapshot)
