"""What the local API says: the snapshot, and the events after it.

Amounts and prices are `Decimal` and travel as strings; instants are aware UTC and travel as ISO-8601. None is
"not known". Readers ignore fields and event types that they do not know.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from risk_manager.local_api.part_status import PartStatus, PartsTold
from risk_manager.local_api.pending import PendingChange
from risk_manager.local_api.quotes import MarketQuote
from risk_manager.local_api.trading_day import CalendarStatus, PnlPoint, RuleWords

Side = Literal["long", "short", "flat"]
"""The side of a position."""


class DaemonStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon itself: `starting`, `live`, `degraded`, `stopping`; `down` only in what was read from the database."""

    state: str
    since: datetime
    version: str
    mode: str = "enforce"
    strict: bool = False
    stale_after: float = 10.0
    """Seconds after which a quote is old."""
    detail: str = ""
    """In words, what is amiss; empty when nothing is."""


class FeedStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One source of knowledge (`user`, `market`, `rest`): `age` of its last word in seconds."""

    name: str
    state: str
    since: datetime | None = None
    age: float | None = None
    login: str | None = None
    reason: str = ""
    """In words, why it does not tell; empty when it does."""


class LockStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A lock: `root` None is the account, `until` None has no end, `reason` is the code with its evidence."""

    rule: str
    root: str | None
    mode: str
    since: datetime
    until: datetime | None
    reason: str


class RuleStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How near a limit is: measured and limit in the rule's own unit, utilization = measured ÷ limit.

    `subject` tells the limits of one rule apart (a root, a contract, a window); empty for the account. A rule
    that has nothing to measure has None in all three.
    """

    name: str
    mode: str = "enforce"
    measured: Decimal | None = None
    limit: Decimal | None = None
    utilization: float | None = None
    subject: str = ""


class HeldPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A position; `size` unsigned (0 is flat), `unrealized_pnl` in dollars, `quote_at` of the quote behind `mark`.

    `grace_until` is the instant at which RULE-008 closes it when it stays without a stop.
    """

    contract_id: str
    root: str
    side: Side
    size: int
    average_price: Decimal | None = None
    mark: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    quote_at: datetime | None = None
    opened_at: datetime | None = None
    grace_until: datetime | None = None


class WorkingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order with its status in the core's words; in an event the status may say that it works no more."""

    id: int
    contract_id: str
    root: str
    side: str
    type: str
    size: int
    status: str
    filled: int = 0
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    ours: bool = False


class AccountStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One account with all that holds for it; `timezone` is that of its trading day."""

    id: int
    nickname: str
    can_trade: bool | None = None
    balance: Decimal | None = None
    realized_pnl: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    locks: tuple[LockStatus, ...] = ()
    rules: tuple[RuleStatus, ...] = ()
    positions: tuple[HeldPosition, ...] = ()
    orders: tuple[WorkingOrder, ...] = ()
    mode: str = "enforce"
    simulated: bool | None = None
    unmarked: tuple[str, ...] = ()
    """Contract ids of the positions that have no price yet: their open P&L is in no sum."""
    next_reset: datetime | None = None
    timezone: str = "America/Chicago"
    pnl_curve: tuple[PnlPoint, ...] = ()
    calendar: CalendarStatus | None = None
    rulebook: tuple[RuleWords, ...] = ()
    warn_at: tuple[float, ...] = ()
    """Utilizations at which people are warned."""
    pending: tuple[PendingChange, ...] = ()
    """Changes that would loosen a limit, and wait."""


class AccountFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`GatewayUserAccount`: the account's figures as they are now, dollars; None leaves what was known."""

    can_trade: bool | None = None
    balance: Decimal | None = None
    realized_pnl: Decimal | None = None
    unrealized_pnl: Decimal | None = None


class TradeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`GatewayUserTrade`: one half-turn fill; `realized_pnl` gross in dollars, None when it opened."""

    id: int
    order_id: int
    contract_id: str
    root: str
    side: str
    size: int
    price: Decimal
    at: datetime
    realized_pnl: Decimal | None = None
    fees: Decimal = Decimal(0)
    commissions: Decimal = Decimal(0)
    voided: bool = False
    ours: bool = False


class AccountRules(msgspec.Struct, frozen=True, kw_only=True):
    """`rule_status`: all rules of the account as they stand; what is not named is no more.

    `graces` tells by contract id when RULE-008 closes a position that has no stop; None leaves what was known.
    """

    rules: tuple[RuleStatus, ...]
    graces: dict[str, datetime] | None = None


class LockEnded(msgspec.Struct, frozen=True, kw_only=True):
    """`lockout_cleared`: a lock ended; `cause` is `expired`, `admin` or `rule`; `reason` that of the lock.

    An empty `mode` or `reason` means every lock of that rule and root.
    """

    rule: str
    root: str | None
    at: datetime
    cause: str
    mode: str = ""
    reason: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One decision behind an enforcement: the rule, its code, and the numbers in the rule's unit."""

    rule: str
    code: str
    measured: Decimal | None = None
    limit: Decimal | None = None
    subject: str = ""


class Deed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One action of a plan, in the form of a replayed plan: `{do: lock, mode: flat, until: …}`."""

    do: str
    contract_id: str | None = None
    root: str | None = None
    order_id: int | None = None
    to: int | None = None
    size: int | None = None
    stop: Decimal | None = None
    side: str | None = None
    mode: str | None = None
    rule: str | None = None
    until: datetime | None = None
    code: str | None = None


class EnforcementAction(msgspec.Struct, frozen=True, kw_only=True):
    """A plan being carried out: decided and sent (`started`), `proven` by the venue's own lists, or `failed`.

    `shadow` is a plan of which nothing is done. One plan keeps its `id` through its states. Milliseconds count
    from the event that caused it to be received; `past_limit` is dollars lost beyond the limit.
    """

    id: str
    state: Literal["started", "proven", "failed", "shadow"]
    at: datetime
    decisions: tuple[Verdict, ...] = ()
    actions: tuple[Deed, ...] = ()
    first_request_ms: float | None = None
    proven_ms: float | None = None
    past_limit: Decimal | None = None
    detail: str = ""


class DayReset(msgspec.Struct, frozen=True, kw_only=True):
    """`daily_reset`: a trading day began; `trading_day` is the date on which it ends."""

    at: datetime
    trading_day: str
    next_reset: datetime | None = None


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """`warning`: something that people should know; `text` in words, with the numbers."""

    at: datetime
    code: str
    text: str
    rule: str = ""


EventData = (
    TradeSeen
    | HeldPosition
    | WorkingOrder
    | AccountFigures
    | MarketQuote
    | AccountRules
    | LockStatus
    | LockEnded
    | EnforcementAction
    | DayReset
    | FeedStatus
    | DaemonStatus
    | PartsTold
    | Warned
)


class Envelope(msgspec.Struct, frozen=True):
    """The frame around everything that the daemon tells; `data` is read when `type` is known."""

    type: str
    account_id: int | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a screen needs, at the daemon's instant `at`; also what `status --json` prints.

    `recent` are the latest events worth reading (enforcement, locks, warnings, resets), oldest first, in the
    form in which they were sent.
    """

    at: datetime
    daemon: DaemonStatus
    feeds: tuple[FeedStatus, ...] = ()
    parts: tuple[PartStatus, ...] = ()
    accounts: tuple[AccountStatus, ...] = ()
    recent: tuple[Envelope, ...] = ()
