"""What the daemon needs of a venue."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from risk_manager.core.events import Event, Feed
from risk_manager.core.model.account import Account
from risk_manager.core.model.contract import Contract
from risk_manager.core.model.order import Order, OrderSide
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade


class Verdict(Enum):
    """What the venue made of a request that changes something."""

    ACCEPTED = "accepted"
    """It took the request; that it is done must be proven."""
    DONE_ALREADY = "done_already"
    """There was nothing left to do (position or order not found); to be confirmed by reading."""
    UNCLEAR = "unclear"
    """Time-out, 429, 5xx or a pending code: it may or may not have been taken; read before repeating."""
    REFUSED = "refused"
    """A definite no; worth repeating only when the reason has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A verdict with the venue's own error number and words, for the journal and for people."""

    verdict: Verdict
    code: int = 0
    text: str = ""
    order_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """How a stream is doing; ages in seconds by the monotonic clock, None where nothing came yet.

    `state` is connecting, live, lost, refused, session_fight or stopped; `reason` says why, for people.
    """

    feed: Feed
    state: str
    since: datetime
    age: float | None
    reason: str = ""


class Urgency(Enum):
    """Whose request it is: each has a reserve of the request budget before the ones below."""

    CHANGE = "change"
    ENFORCEMENT = "enforcement"
    ROUTINE = "routine"


class Heard(Protocol):
    """Who is told what the venue's own clock showed."""

    def __call__(self, stamp: datetime, *, within: float | None = None) -> None:
        """Take a stamp of the venue: it is in the past, by `within` seconds at most where that is known."""


class Venue(Protocol):
    """One login at the venue: REST and both streams over one session.

    Reading methods raise `GatewayUnavailable` (retry), `GatewayRefused` (do not) or `GatewayMisread` (reconcile);
    an empty tuple is knowledge ("none"), never a guess. Changing methods never raise for what the venue answers:
    they return an `Answer`; a request takes 5 s at most.
    """

    async def log_in(self) -> None:
        """Log in with the key; raise `GatewayRefused` when the key or the user is wrong."""

    async def accounts(self) -> tuple[Account, ...]:
        """Every account of the login, locked ones too."""

    async def contracts(self) -> tuple[Contract, ...]:
        """The active contract of each product."""

    async def contract(self, contract_id: str) -> Contract | None:
        """One contract, also an expired one; None when the venue knows none."""

    async def positions(self, account_id: int, urgency: Urgency = Urgency.ROUTINE) -> tuple[Position, ...]:
        """Open positions."""

    async def working_orders(self, account_id: int, urgency: Urgency = Urgency.ROUTINE) -> tuple[Order, ...]:
        """Orders that may still fill, suspended bracket children included."""

    async def orders_since(self, account_id: int, since: datetime) -> tuple[Order, ...]:
        """All orders created since, in any state."""

    async def trades(self, account_id: int, since: datetime) -> tuple[Trade, ...]:
        """Half-turn fills since, voided ones too."""

    async def last_price(self, contract_id: str) -> tuple[datetime, Decimal] | None:
        """The close of the latest one-minute bar, and when that was at the latest; None when there is none."""

    async def close(self, account_id: int, contract_id: str) -> Answer:
        """Ask for a market order against the whole position."""

    async def reduce(self, account_id: int, contract_id: str, size: int) -> Answer:
        """Ask for a market order against `size` contracts of the position."""

    async def cancel(self, account_id: int, order_id: int) -> Answer:
        """Ask to cancel one order."""

    async def modify(
        self, account_id: int, order_id: int, *, size: int | None = None, stop: Decimal | None = None
    ) -> Answer:
        """Ask for a new total size, or stop price; None leaves it as it is."""

    async def place_stop(
        self, account_id: int, contract_id: str, *, side: OrderSide, size: int, stop: Decimal, tag: str
    ) -> Answer:
        """Place a stop order under a tag that was never used before."""

    def take_key(self, api_key: str) -> None:
        """Use another key for the next login, and forget a refusal of the one before; a session that holds stays."""

    def start_streams(self, *, accounts: Collection[int], deliver: Callable[[Event], None]) -> None:
        """Connect both streams and keep them connected; `deliver` is called at once, in the loop's thread.

        It receives translated events, and `FeedLost`/`FeedRestored` when a stream is lost or subscribed again.
        """

    def watch_accounts(self, account_ids: Collection[int]) -> None:
        """Subscribe to exactly these accounts; the user stream is connected anew for it."""

    async def watch_quotes(self, contract_ids: Collection[str]) -> None:
        """Subscribe to the quotes of exactly these contracts."""

    def restart_stream(self, feed: Feed) -> None:
        """Drop and reconnect one stream, as when it is frozen."""

    def health(self) -> tuple[FeedHealth, ...]:
        """The streams' state."""

    def requests_used(self) -> int:
        """Requests of the last minute, of the 200 that the venue allows."""

    async def aclose(self) -> None:
        """Close streams and session."""
