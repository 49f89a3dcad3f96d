"""The hub messages of SignalR's JSON protocol, as typed values.

Field names and type numbers are those of Microsoft's HubProtocol.md. Arguments and results stay raw
JSON, so that whoever knows their shape decodes them and a bad payload remains its own problem.
"""

from typing import Annotated, Final

import msgspec

EXCERPT_BYTES: Final = 200
_NO_RESULT: Final = msgspec.Raw()


class Invocation(msgspec.Struct, frozen=True, tag_field="type", tag=1, rename="camel"):
    """A call of `target`; without an `invocation_id` the caller expects no completion.

    `arguments` are views into the received record: decode them, or `copy()` what is kept for long.
    """

    target: str
    arguments: tuple[msgspec.Raw, ...] = ()
    invocation_id: str | None = None


class Completion(msgspec.Struct, frozen=True, tag_field="type", tag=3, rename="camel", omit_defaults=True):
    """The end of the invocation `invocation_id`: refused if `error` is set, else done.

    `result` is None for a method that returns nothing; one that returns null has the raw result `null`.
    """

    invocation_id: str
    result: msgspec.Raw | None = None
    error: str | None = None


class _SentInvocation(msgspec.Struct, frozen=True, tag_field="type", tag=1, rename="camel", omit_defaults=True):
    """An invocation as it is written: the arguments are there even when there are none."""

    target: str
    arguments: tuple[msgspec.Raw, ...]
    invocation_id: str | None = None


class _ReceivedCompletion(msgspec.Struct, frozen=True, tag_field="type", tag=3, rename="camel"):
    """A completion as msgspec can read it: it takes no other type beside `Raw` in one field."""

    invocation_id: str
    result: msgspec.Raw = _NO_RESULT
    error: str | None = None

    def public(self) -> Completion:
        result = None if self.result is _NO_RESULT else self.result
        return Completion(invocation_id=self.invocation_id, result=result, error=self.error)


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag=6):
    """A sign of life."""


class Close(msgspec.Struct, frozen=True, tag_field="type", tag=7, rename="camel", omit_defaults=True):
    """The last message of a peer; `allow_reconnect` tells that coming back is welcome."""

    error: str | None = None
    allow_reconnect: bool = False


class Unknown(msgspec.Struct, frozen=True):
    """A well-formed message of a kind this client has no use for, such as a stream item."""

    kind: int
    record: bytes


class Malformed(msgspec.Struct, frozen=True):
    """A record that is no hub message; `record_excerpt` is its beginning."""

    record_excerpt: str
    reason: str


Message = Invocation | Completion | Ping | Close | Unknown | Malformed


class _Kind(msgspec.Struct):
    type: Annotated[int, msgspec.Meta(ge=0, le=255)]


_KNOWN_KINDS: Final = frozenset({1, 3, 6, 7})
_Readable = Invocation | _ReceivedCompletion | Ping | Close
_MESSAGE: Final[msgspec.json.Decoder[_Readable]] = msgspec.json.Decoder(_Readable)
_KIND: Final = msgspec.json.Decoder(_Kind)
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# Decimals are numbers on the wire: the venue writes its prices so.
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def decode_message(record: bytes) -> Message:
    """Read one record, without its separator; what cannot be read comes back as `Malformed`."""
    try:
        message = _MESSAGE.decode(record)
    except _UNREADABLE as problem:
        return _unknown(record) or malformed(record, str(problem))
    return message.public() if isinstance(message, _ReceivedCompletion) else message


def _unknown(record: bytes) -> Unknown | None:
    try:
        kind = _KIND.decode(record).type
    except _UNREADABLE:
        return None
    return None if kind in _KNOWN_KINDS else Unknown(kind=kind, record=record)


def malformed(record: bytes | bytearray, reason: str) -> Malformed:
    """Tell of an unreadable record by its first 200 bytes."""
    return Malformed(record_excerpt=record[:EXCERPT_BYTES].decode(errors="replace"), reason=reason)


def encode_message(message: Invocation | Completion | Ping | Close) -> bytes:
    """Write one record, without its separator."""
    if isinstance(message, Invocation):
        return _ENCODER.encode(_SentInvocation(message.target, message.arguments, message.invocation_id))
    return _ENCODER.encode(message)


def encode_value(value: object) -> msgspec.Raw:
    """Write an argument or a result; raw JSON passes as it is.

    Raises:
        TypeError: the value has no JSON form.
    """
    return value if isinstance(value, msgspec.Raw) else msgspec.Raw(_ENCODER.encode(value))
