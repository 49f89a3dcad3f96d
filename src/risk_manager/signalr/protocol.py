"""A hub conversation without I/O: bytes in, messages out, and frames to send, for either side.

A conversation opens with a handshake record in each direction and continues with hub messages until
either side closes. What the peer gets wrong becomes an event, never an exception; what the caller
gets wrong raises `ProtocolMisuse`.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

import msgspec

from risk_manager.signalr.messages import (
    EXCERPT_BYTES,
    Close,
    Completion,
    Invocation,
    Malformed,
    Message,
    Ping,
    decode_message,
    encode_message,
    encode_value,
)
from risk_manager.signalr.records import DEFAULT_MAX_RECORD_BYTES, SEPARATOR, RecordReader

PROTOCOL_NAME: Final = "json"
PROTOCOL_VERSION: Final = 1


class ProtocolMisuse(RuntimeError):  # noqa: N818  named for what the caller did, not for a failure of the peer
    """The caller asked for a frame that the state of the conversation forbids."""


class HandshakeAccepted(msgspec.Struct, frozen=True):
    """The server answered the handshake: invocations may leave."""


class HandshakeRequested(msgspec.Struct, frozen=True):
    """A client asked for a protocol that is spoken here: answer with `accept_handshake`."""


class HandshakeFailed(msgspec.Struct, frozen=True):
    """The handshake was refused (as client) or must be (as server); `reason` is fit to be sent."""

    reason: str


Event = Message | HandshakeAccepted | HandshakeRequested | HandshakeFailed


class State(Enum):
    """How far a conversation has come."""

    HANDSHAKE = auto()
    OPEN = auto()
    PEER_CLOSED = auto()  # nothing more is heard; an answer to what was heard before may still leave
    CLOSED = auto()


# Python 3.11 looks a member of an enum up in Python code: every quote would pay for it three times.
_HANDSHAKE, _PEER_CLOSED, _CLOSED = State.HANDSHAKE, State.PEER_CLOSED, State.CLOSED


class _HandshakeRequest(msgspec.Struct):
    protocol: str
    version: int


class _HandshakeResponse(msgspec.Struct):
    error: str | None = None
    # A response has no type; a hub message in its place means that the handshake went wrong.
    type: object = None


_REQUEST: Final = msgspec.json.Decoder(_HandshakeRequest)
_RESPONSE: Final = msgspec.json.Decoder(_HandshakeResponse)
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _frame(record: bytes) -> str:
    return (record + SEPARATOR).decode()


class _Conversation(ABC):
    """What both sides of a hub do alike."""

    def __init__(self, *, max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES) -> None:
        self._reader = RecordReader(max_record_bytes=max_record_bytes)
        self._state = State.HANDSHAKE

    @property
    def state(self) -> State:
        """How far the conversation has come."""
        return self._state

    def receive_data(self, data: str | bytes) -> list[Event]:
        """Take what a frame brought and return what it meant, in order.

        After the peer's `Close` or a failed handshake nothing more is heard.
        """
        chunk = data.encode(errors="surrogatepass") if isinstance(data, str) else data
        events: list[Event] = []
        for record in self._reader.feed(chunk):
            if self._state is _PEER_CLOSED or self._state is _CLOSED:
                break
            events.append(self._receive_record(record))
        return events

    def _receive_record(self, record: bytes | Malformed) -> Event:
        if self._state is _HANDSHAKE:
            return self._receive_handshake(record)
        if isinstance(record, Malformed):
            return record
        message = decode_message(record)
        if isinstance(message, Close):
            self._state = State.PEER_CLOSED
        return message

    def _receive_handshake(self, record: bytes | Malformed) -> Event:
        if isinstance(record, Malformed):
            return self._fail_handshake(record.reason)
        try:
            return self._read_handshake(record)
        except _UNREADABLE as problem:
            return self._fail_handshake(str(problem))

    @abstractmethod
    def _read_handshake(self, record: bytes) -> Event:
        """Each side reads its own kind of handshake, and may raise `_UNREADABLE`."""

    def _fail_handshake(self, reason: str) -> HandshakeFailed:
        self._state = State.CLOSED
        return HandshakeFailed(reason=reason)

    def send_invocation(
        self, target: str, arguments: Sequence[object] = (), *, invocation_id: str | None = None
    ) -> str:
        """Frame a call; with an `invocation_id` the peer will answer with a completion.

        Raises:
            TypeError: an argument has no JSON form.
        """
        self._require_open()
        raw = tuple(encode_value(argument) for argument in arguments)
        return _frame(encode_message(Invocation(target=target, arguments=raw, invocation_id=invocation_id)))

    def send_completion(self, invocation_id: str, result: object = None) -> str:
        """Frame the answer of a call that succeeded; None means that it returns nothing.

        Raises:
            TypeError: the result has no JSON form.
        """
        self._require_open()
        raw = None if result is None else encode_value(result)
        return _frame(encode_message(Completion(invocation_id=invocation_id, result=raw)))

    def send_completion_error(self, invocation_id: str, error: str) -> str:
        """Frame the answer of a call that failed."""
        self._require_open()
        return _frame(encode_message(Completion(invocation_id=invocation_id, error=error)))

    def send_ping(self) -> str:
        """Frame a sign of life."""
        self._require_open()
        return _frame(encode_message(Ping()))

    def _close_frame(self, close: Close) -> str:
        self._require_open()
        self._state = State.CLOSED
        return _frame(encode_message(close))

    def _require_open(self) -> None:
        if self._state not in (State.OPEN, State.PEER_CLOSED):
            raise ProtocolMisuse(f"no hub message may leave in state {self._state.name}")


class ClientProtocol(_Conversation):
    """The side that connects: `send_handshake` first, then wait for `HandshakeAccepted`."""

    def send_handshake(self) -> str:
        """Frame the request for the JSON protocol.

        Raises:
            ProtocolMisuse: the handshake is over.
        """
        if self._state is not State.HANDSHAKE:
            raise ProtocolMisuse(f"no handshake may leave in state {self._state.name}")
        request = _HandshakeRequest(protocol=PROTOCOL_NAME, version=PROTOCOL_VERSION)
        return _frame(msgspec.json.encode(request))

    def send_close(self) -> str:
        """Frame a farewell; nothing more may be sent, and nothing more is heard."""
        return self._close_frame(Close())

    def _read_handshake(self, record: bytes) -> Event:
        response = _RESPONSE.decode(record)
        if response.error is not None:
            return self._fail_handshake(response.error)
        if response.type is not None:
            return self._fail_handshake("expected a handshake response, got a hub message")
        self._state = State.OPEN
        return HandshakeAccepted()


class ServerProtocol(_Conversation):
    """The side that listens: answers `HandshakeRequested` before it sends anything else."""

    def __init__(self, *, max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES) -> None:
        super().__init__(max_record_bytes=max_record_bytes)
        self._answer_owed = False

    def accept_handshake(self) -> str:
        """Frame the consent to a handshake that was requested.

        Raises:
            ProtocolMisuse: none was requested, or it was answered already.
        """
        self._answer_handshake()
        return _frame(b"{}")

    def refuse_handshake(self, reason: str) -> str:
        """Frame the refusal of a handshake, requested or failed; the transport is to be closed next.

        Raises:
            ProtocolMisuse: none was requested, or it was answered already.
        """
        self._answer_handshake()
        self._state = State.CLOSED
        return _frame(msgspec.json.encode({"error": reason}))

    def send_close_reconnectable(self, error: str | None = None) -> str:
        """Frame a farewell that invites the client back; nothing more is sent or heard."""
        return self._close_frame(Close(error=error, allow_reconnect=True))

    def send_close(self, error: str | None = None) -> str:
        """Frame a farewell for good; nothing more is sent or heard."""
        return self._close_frame(Close(error=error))

    def _read_handshake(self, record: bytes) -> Event:
        self._answer_owed = True
        request = _REQUEST.decode(record)
        if request.protocol != PROTOCOL_NAME:
            return self._fail_handshake(f"The protocol '{request.protocol[:EXCERPT_BYTES]}' is not supported.")
        if request.version != PROTOCOL_VERSION:
            return self._fail_handshake(f"The server does not support version {request.version}.")
        self._state = State.OPEN
        return HandshakeRequested()

    def _fail_handshake(self, reason: str) -> HandshakeFailed:
        self._answer_owed = True
        return super()._fail_handshake(reason)

    def _answer_handshake(self) -> None:
        if not self._answer_owed:
            raise ProtocolMisuse("no handshake waits for an answer")
        self._answer_owed = False

    def _require_open(self) -> None:
        if self._answer_owed:
            raise ProtocolMisuse("the handshake waits for its answer")
        super()._require_open()
