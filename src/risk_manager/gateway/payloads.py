"""The venue's JSON as typed structs, read liberally.

Seen in live captures: hubs leave nulls out and REST prints them; user events come wrapped as `{action, data}`
though the docs show them bare; ids came as strings, and as `orderId` for `id`; arrays are padded with null.
One bad item is its own problem: it raises `GatewayMisread`, and its neighbours are read.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Annotated, Final, Generic, NamedTuple, TypeVar

import msgspec

from risk_manager.gateway.errors import GatewayMisread

EXCERPT_BYTES: Final = 200
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises, deep nesting included."""

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Size = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
ContractId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
# Numbers of enums are taken as they come: the venue adds new ones.
EnumNumber = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


class AccountPayload(msgspec.Struct, rename="camel"):
    """`accounts[]` of Account/search, and GatewayUserAccount."""

    id: Id
    name: str | None = None
    balance: Decimal | None = None
    can_trade: bool | None = None
    is_visible: bool | None = None
    simulated: bool | None = None


class ContractPayload(msgspec.Struct, rename="camel"):
    """`contracts[]` of the contract lists."""

    id: ContractId
    tick_size: Decimal
    tick_value: Decimal
    name: str | None = None
    symbol_id: str | None = None
    active_contract: bool | None = None


class PositionPayload(msgspec.Struct, rename="camel"):
    """`positions[]` of Position/searchOpen, and GatewayUserPosition; `size` has no sign."""

    account_id: Id
    contract_id: ContractId
    id: Id | None = None
    creation_timestamp: str | None = None
    type: EnumNumber | None = None
    size: int | None = None
    average_price: Decimal | None = None


class OrderPayload(msgspec.Struct, rename="camel"):
    """`orders[]` of the order searches, and GatewayUserOrder."""

    account_id: Id
    contract_id: ContractId
    id: Id | None = None
    order_id: Id | None = None
    creation_timestamp: str | None = None
    update_timestamp: str | None = None
    status: EnumNumber | None = None
    type: EnumNumber | None = None
    side: EnumNumber | None = None
    size: Size | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    fill_volume: Size | None = None
    custom_tag: str | None = None
    parent_order_id: Id | None = None


class TradePayload(msgspec.Struct, rename="camel"):
    """`trades[]` of Trade/search, and GatewayUserTrade: one half-turn."""

    id: Id
    account_id: Id
    contract_id: ContractId
    price: Decimal
    side: EnumNumber
    size: Size
    creation_timestamp: str
    order_id: Id | None = None
    profit_and_loss: Decimal | None = None
    fees: Decimal | None = None
    commissions: Decimal | None = None
    voided: bool | None = None


class QuotePayload(msgspec.Struct, rename="camel", gc=False):
    """GatewayQuote: after the first message only what changed is there. Whatever its stamps are, it is read."""

    last_price: Decimal | None = None
    best_bid: Decimal | None = None
    best_ask: Decimal | None = None
    last_updated: object = None
    timestamp: object = None


class BarPayload(msgspec.Struct):
    """`bars[]` of History/retrieveBars."""

    t: str
    c: Decimal


_NOTHING: Final = msgspec.Raw(b"null")


class Envelope(msgspec.Struct, rename="camel"):
    """The body of a 200 reply. A list that is missing or null is no knowledge; an empty one is."""

    success: bool | None = None
    error_code: int | None = None
    error_message: str | None = None
    order_id: Id | None = None
    total_count: int | None = None
    accounts: list[msgspec.Raw] | None = None
    contracts: list[msgspec.Raw] | None = None
    contract: msgspec.Raw = _NOTHING
    positions: list[msgspec.Raw] | None = None
    orders: list[msgspec.Raw] | None = None
    trades: list[msgspec.Raw] | None = None
    bars: list[msgspec.Raw] | None = None


class _Wrapped(msgspec.Struct):
    """`{action, data}`; without `data` the object is bare."""

    action: int | str | None = None
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


Payload = TypeVar(
    "Payload",
    AccountPayload,
    ContractPayload,
    PositionPayload,
    OrderPayload,
    TradePayload,
    QuotePayload,
    BarPayload,
)


class Wrapped(msgspec.Struct, Generic[Payload]):
    """A user event as it nearly always comes, read in one go; without `data` it is something else."""

    action: int | None = None
    data: Payload | None = None


class Item(NamedTuple):
    """One payload of a hub event, still raw, with the `action` it was wrapped in."""

    action: int | None
    data: msgspec.Raw


ACCOUNT: Final = msgspec.json.Decoder(AccountPayload, strict=False)
CONTRACT: Final = msgspec.json.Decoder(ContractPayload, strict=False)
POSITION: Final = msgspec.json.Decoder(PositionPayload, strict=False)
ORDER: Final = msgspec.json.Decoder(OrderPayload, strict=False)
TRADE: Final = msgspec.json.Decoder(TradePayload, strict=False)
QUOTE: Final = msgspec.json.Decoder(QuotePayload, strict=False)
BAR: Final = msgspec.json.Decoder(BarPayload, strict=False)
WRAPPED_ACCOUNT: Final = msgspec.json.Decoder(Wrapped[AccountPayload], strict=False)
WRAPPED_POSITION: Final = msgspec.json.Decoder(Wrapped[PositionPayload], strict=False)
WRAPPED_ORDER: Final = msgspec.json.Decoder(Wrapped[OrderPayload], strict=False)
WRAPPED_TRADE: Final = msgspec.json.Decoder(Wrapped[TradePayload], strict=False)
_ENVELOPE: Final = msgspec.json.Decoder(Envelope, strict=False)
_WRAPPED: Final = msgspec.json.Decoder(_Wrapped, strict=False)
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_CONTRACT_ID: Final = msgspec.json.Decoder(ContractId)


def read(decoder: msgspec.json.Decoder[Payload], raw: msgspec.Raw | bytes) -> Payload:
    """Decode one payload; raise `GatewayMisread` with the reason."""
    try:
        return decoder.decode(raw)
    except UNREADABLE as problem:
        raise GatewayMisread(str(problem)) from problem


def read_envelope(body: bytes) -> Envelope:
    """Decode the body of a 200 reply, whatever content type it claims; raise `GatewayMisread`."""
    try:
        return _ENVELOPE.decode(body)
    except UNREADABLE as problem:
        raise GatewayMisread(str(problem)) from problem


def read_contract_id(raw: msgspec.Raw | bytes) -> str:
    """Decode the first argument of a market event; raise `GatewayMisread`."""
    try:
        return _CONTRACT_ID.decode(raw)
    except UNREADABLE as problem:
        raise GatewayMisread(f"contract id: {problem}") from problem


def items_of(raw: msgspec.Raw | bytes, *, misread: Callable[[str, str], None]) -> Iterator[Item]:
    """List what an argument of a hub event holds: wrapped, bare, a list of either; nulls are padding.

    What is none of these goes to `misread` with the reason. A list of wrapped lists is read, nothing deeper.
    """
    return _items(raw, None, 0, misread)


def excerpt(raw: msgspec.Raw | bytes) -> str:
    """Show the beginning of what could not be read."""
    return bytes(raw)[:EXCERPT_BYTES].decode(errors="replace")


_ACTIONS: Final = {"0": 0, "1": 1, "2": 2}
_MAX_DEPTH: Final = 4


def _items(
    raw: msgspec.Raw | bytes, action: int | None, depth: int, misread: Callable[[str, str], None]
) -> Iterator[Item]:
    start = bytes(memoryview(raw)[:1])
    if start == b"n":
        return
    try:
        if start == b"[" and depth <= _MAX_DEPTH:
            for element in _LIST.decode(raw):
                yield from _items(element, action, depth + 1, misread)
            return
        if start != b"{" or depth > _MAX_DEPTH:
            misread(excerpt(raw), "expected an object or a list of objects")
            return
        wrapped = _WRAPPED.decode(raw)
    except UNREADABLE as problem:
        misread(excerpt(raw), str(problem))
        return
    if wrapped.data is msgspec.UNSET:
        yield Item(action, msgspec.Raw(raw))
        return
    if bytes(wrapped.data) == b"null":
        misread(excerpt(raw), "an event without data")
        return
    number = _ACTIONS.get(str(wrapped.action))
    yield from _items(wrapped.data, number, depth + 1, misread)
