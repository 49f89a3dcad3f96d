"""What the venue's answers to changing requests mean (pure).

By the venue's docs every endpoint numbers its errors differently, and a business failure is HTTP 200 with
`success: false`.
"""

from dataclasses import dataclass
from typing import Final

from risk_manager.gateway.errors import GatewayMisread
from risk_manager.gateway.http_reply import Reply
from risk_manager.gateway.payloads import Envelope, read_envelope
from risk_manager.gateway.port import Answer, Verdict

_OK: Final = 200
_CLIENT_ERRORS: Final = range(300, 500)
_UNDECIDED_STATUS: Final = frozenset({401, 408, 425, 429})
_MAX_TEXT: Final = 300


@dataclass(frozen=True, slots=True)
class Change:
    """One changing endpoint: its path, its error numbers by name, and which of them are no definite no."""

    path: str
    codes: tuple[str, ...]
    done: frozenset[int] = frozenset()
    unclear: frozenset[int] = frozenset()


PLACE: Final = Change(
    "/api/Order/place",
    (
        "Success",
        "AccountNotFound",
        "OrderRejected",
        "InsufficientFunds",
        "AccountViolation",
        "OutsideTradingHours",
        "OrderPending",
        "UnknownError",
        "ContractNotFound",
        "ContractNotActive",
        "AccountRejected",
    ),
    unclear=frozenset({6, 7}),
)
CANCEL: Final = Change(
    "/api/Order/cancel",
    ("Success", "AccountNotFound", "OrderNotFound", "Rejected", "Pending", "UnknownError", "AccountRejected"),
    done=frozenset({2}),
    # 3 is also what an order gets that has just filled or gone: only reading tells.
    unclear=frozenset({3, 4, 5}),
)
MODIFY: Final = Change(
    "/api/Order/modify",
    (
        "Success",
        "AccountNotFound",
        "OrderNotFound",
        "Rejected",
        "Pending",
        "UnknownError",
        "AccountRejected",
        "ContractNotFound",
    ),
    unclear=frozenset({4, 5}),
)
CLOSE: Final = Change(
    "/api/Position/closeContract",
    (
        "Success",
        "AccountNotFound",
        "PositionNotFound",
        "ContractNotFound",
        "ContractNotActive",
        "OrderRejected",
        "OrderPending",
        "UnknownError",
        "AccountRejected",
    ),
    done=frozenset({2}),
    unclear=frozenset({6, 7}),
)
REDUCE: Final = Change(
    "/api/Position/partialCloseContract",
    (
        "Success",
        "AccountNotFound",
        "PositionNotFound",
        "ContractNotFound",
        "ContractNotActive",
        "InvalidCloseSize",
        "OrderRejected",
        "OrderPending",
        "UnknownError",
        "AccountRejected",
    ),
    done=frozenset({2}),
    unclear=frozenset({7, 8}),
)


def answer_of(change: Change, reply: Reply) -> Answer:
    """Judge a reply."""
    if reply.status != _OK:
        return _answer_of_status(reply)
    try:
        envelope = read_envelope(reply.body)
    except GatewayMisread as problem:
        return Answer(verdict=Verdict.UNCLEAR, text=f"the reply cannot be read: {problem}"[:_MAX_TEXT])
    code = envelope.error_code or 0
    return Answer(
        verdict=_verdict(change, envelope.success, code),
        code=code,
        text=_text(change, envelope, code),
        order_id=envelope.order_id,
    )


def _verdict(change: Change, success: bool | None, code: int) -> Verdict:  # noqa: FBT001  a field of the reply
    if success is True and code == 0:
        return Verdict.ACCEPTED
    if success is not False or code == 0 or code in change.unclear or code >= len(change.codes):
        return Verdict.UNCLEAR
    return Verdict.DONE_ALREADY if code in change.done else Verdict.REFUSED


def _text(change: Change, envelope: Envelope, code: int) -> str:
    name = "" if code == 0 else change.codes[code] if 0 < code < len(change.codes) else f"code {code}"
    return ": ".join(part for part in (name, envelope.error_message) if part)[:_MAX_TEXT]


def _answer_of_status(reply: Reply) -> Answer:
    """A 4xx is a definite no, but for those that say "not now"; after anything else nobody knows."""
    definite = reply.status in _CLIENT_ERRORS and reply.status not in _UNDECIDED_STATUS
    return Answer(
        verdict=Verdict.REFUSED if definite else Verdict.UNCLEAR,
        code=reply.status,
        text=f"HTTP {reply.status}",
    )
