"""The suspicion that the user stream is frozen: it lives, but swallows what REST tells (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from risk_manager.core.model.order import Order
from risk_manager.core.model.position import Position
from risk_manager.core.state.account import AccountState

STREAM_LAG = 5.0
"""Seconds by which the stream and REST may be apart."""


@dataclass(slots=True)
class FrozenStream:
    """What REST told first and what the stream told, by account; instants are monotonic seconds."""

    streamed_at: dict[int, float] = field(default_factory=dict)
    revealed_at: dict[int, float] = field(default_factory=dict)

    def streamed(self, account_id: int, now: float) -> None:
        """Note that the stream told something of an account."""
        self.streamed_at[account_id] = now

    def revealed(self, account_id: int, now: float) -> None:
        """Note that REST told something of an account that was not known."""
        self.revealed_at.setdefault(account_id, now)

    def forget(self) -> None:
        """Begin anew with a new connection."""
        self.revealed_at.clear()

    def is_frozen(self, account_id: int, now: float) -> bool:
        """Tell whether the stream has kept silent of what REST revealed, for longer than it may lag."""
        revealed_at = self.revealed_at.get(account_id)
        if revealed_at is None or now - revealed_at < STREAM_LAG:
            return False
        del self.revealed_at[account_id]
        return self.streamed_at.get(account_id, float("-inf")) < revealed_at - STREAM_LAG


def is_news(state: AccountState, positions: Iterable[Position], orders: Iterable[Order] | None = None) -> bool:
    """Tell whether REST tells of other positions or (where it was asked) working orders than are known."""
    told = {one.contract_id: one.net_size for one in positions if one.net_size}
    if told != {contract_id: one.net_size for contract_id, one in state.positions.items()}:
        return True
    return orders is not None and {one.order_id for one in orders if one.is_working} != state.working_orders.keys()
