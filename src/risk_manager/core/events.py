"""What the engine can be told: facts of the past, each with the instant at which it was learned (`at`, UTC)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from risk_manager.core.model.contract import Contract
from risk_manager.core.model.order import Order
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade

if TYPE_CHECKING:
    from risk_manager.core.policy import Policy


class Feed(Enum):
    """The two streams of the venue."""

    USER = "user"
    MARKET = "market"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUpdated:
    """The venue told of an account; None is no word, which changes nothing."""

    at: datetime
    account_id: int
    can_trade: bool | None = None
    balance: Decimal | None = None
    name: str | None = None
    simulated: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountVanished:
    """An account is no longer in the list of its login."""

    at: datetime
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionUpdated:
    """A position has this size now; 0 is flat."""

    at: datetime
    position: Position

    @property
    def account_id(self) -> int:
        """The account that holds it."""
        return self.position.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUpdated:
    """An order is in this state now; `ours` when the daemon sent it."""

    at: datetime
    order: Order
    ours: bool = False

    @property
    def account_id(self) -> int:
        """The account it belongs to."""
        return self.order.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeReported:
    """A fill was booked, or told again, corrected or voided; `ours` when the daemon's order caused it."""

    at: datetime
    trade: Trade
    ours: bool = False

    @property
    def account_id(self) -> int:
        """The account it belongs to."""
        return self.trade.account_id


@dataclass(slots=True, kw_only=True)  # not frozen: a microsecond for each of a thousand a second; nobody changes one
class QuoteUpdated:
    """Prices of a contract; None is unchanged. `quoted_at` is the venue's own stamp (None: `at`)."""

    at: datetime
    contract_id: str
    last: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    quoted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractLearned:
    """The venue told what a contract is."""

    at: datetime
    contract: Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLost:
    """A stream tells nothing any more; the user stream counts as lost only when REST tells nothing either.

    `account_id` None means every account.
    """

    at: datetime
    feed: Feed
    account_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRestored:
    """A stream, or REST in its place, tells again."""

    at: datetime
    feed: Feed
    account_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A full REST picture: it replaces positions and working orders, and completes trades.

    `as_of` is the instant at which the first of its requests was sent (None: `at`): what a stream told after
    it is newer than the picture.
    """

    at: datetime
    account_id: int
    positions: tuple[Position, ...]
    orders: tuple[Order, ...]
    trades: tuple[Trade, ...] = ()
    own_order_ids: frozenset[int] = frozenset()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTicked:
    """Time has come this far."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforcementFinished:
    """What became of the enforcement under way for a contract, or (None) for the whole account."""

    at: datetime
    account_id: int
    ok: bool
    contract_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockCleared:
    """An admin ended the locks that a rule had set (for a root, or all of them)."""

    at: datetime
    account_id: int
    rule: str
    root: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRequested:
    """Somebody locked the account by hand; `until` None has no end."""

    at: datetime
    account_id: int
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChanged:
    """The configuration was read anew: what holds for each account from now on."""

    at: datetime
    policies: Mapping[int, "Policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted:
    """The process came back with what it had stored; no enforcement is under way any more.

    `taken_off` names rules whose locks ended with them meanwhile: `Policy.locks_ended_by`.
    """

    at: datetime
    taken_off: frozenset[str] = frozenset()


Event = (
    AccountUpdated
    | AccountVanished
    | PositionUpdated
    | OrderUpdated
    | TradeReported
    | QuoteUpdated
    | ContractLearned
    | FeedLost
    | FeedRestored
    | Reconciled
    | ClockTicked
    | EnforcementFinished
    | LockCleared
    | LockRequested
    | PolicyChanged
    | Restarted
)
