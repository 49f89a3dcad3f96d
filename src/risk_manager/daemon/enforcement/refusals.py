"""What the venue refuses to do for an account: why, and when it is worth asking again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from risk_manager.daemon.enforcement.goals import Reading
from risk_manager.daemon.enforcement.latch import SLOWEST, Latch
from risk_manager.daemon.enforcement.pursuit import Pursuit
from risk_manager.daemon.enforcement.requests import Key
from risk_manager.daemon.market_hours import closed_until

SLOWEST_LOOK = 5.0
"""Seconds between two readings of what does not move."""
REFUSED_LOOK = 15.0
"""Seconds between two readings of what the venue refuses to change."""
CLOSED_RETRY = 300.0
"""Seconds between attempts at what is refused while the market is closed; at its opening comes one at once."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is refused for a new reason: words for people, and the contracts that it is about."""

    words: str
    contracts: tuple[str, ...]


@dataclass(slots=True)
class Refusals:
    """The refused requests of one account's pursuit."""

    pursuit: Pursuit
    _may_trade: bool | None = None
    _was_closed: bool = False
    _told: dict[Key, str] = field(default_factory=dict)

    def account_told(self, *, can_trade: bool) -> bool:
        """Note whether the account may trade; tell whether what was refused is worth asking again now."""
        is_unlocked = can_trade and self._may_trade is False
        self._may_trade = can_trade
        if is_unlocked:
            self.pursuit.retry_refused()
        return is_unlocked

    def mind_market_hours(self, now: datetime) -> None:
        """Ask for what is refused rarely while the market is closed, and at once when it opens."""
        is_closed = closed_until(now) is not None
        if self._was_closed and not is_closed:
            self.pursuit.retry_refused()
        self._was_closed = is_closed
        self.pursuit.slowest_retry = CLOSED_RETRY if is_closed else SLOWEST

    def slowest_look(self, now: datetime) -> float:
        """Tell how rarely to read at the most: for what is refused less often, up to the opening."""
        if not self.pursuit.refused():
            return SLOWEST_LOOK
        opening = closed_until(now)
        return REFUSED_LOOK if opening is None else min(REFUSED_LOOK, (opening - now).total_seconds() + 1)

    def news(self, reading: Reading, now: datetime) -> Refusal | None:
        """Tell what is refused for a reason that was not told yet."""
        reasons = {latch.request.key: _reason(latch) for latch in self.pursuit.refused()}
        fresh = sorted((key for key, reason in reasons.items() if self._told.get(key) != reason), key=str)
        self._told = {key: told for key, told in (self._told | reasons).items() if key in self.pursuit.latches}
        if not fresh:
            return None
        opening = closed_until(now)
        when = f"retried every {SLOWEST:.0f} s at the latest"
        if opening is not None:
            when = f"the market is closed; tried again when it opens at {opening:%H:%M %Z}"
        words = f"the venue refuses {'; '.join(reasons[key] for key in fresh)}; {when}"
        return Refusal(words, _contracts(fresh, reading))


def _reason(latch: Latch) -> str:
    code, text = (0, "") if latch.answer is None else (latch.answer.code, latch.answer.text)
    return f"{latch.request}: code {code} {text}".rstrip()


def _contracts(keys: Iterable[Key], reading: Reading) -> tuple[str, ...]:
    """Name the contracts that requests were for; an order that is gone has none."""
    named: set[str] = set()
    for kind, subject in keys:
        if kind != "order":
            named.add(str(subject))
        elif (order := reading.orders.get(int(subject))) is not None:
            named.add(order.contract_id)
    return tuple(sorted(named))
