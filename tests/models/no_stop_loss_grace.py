"""RULE-008, naively: look back for how long a position has been without its stops."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from risk_manager.core.actions import Close, LockMode
from risk_manager.core.events import ClockTicked, Event, OrderUpdated, PositionUpdated, TradeReported
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from tests.models.court import Standing, Wanted
from tests.models.ends import lock_for
from tests.models.history import STOPS, Held, History, root


class NoStopLossGraceModel:
    """Protection, and its absence."""

    def __init__(self, settings: NoStopLossGrace) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, PositionUpdated | OrderUpdated | TradeReported | ClockTicked)

    def instants(self, history: History) -> Iterable[datetime]:
        begun = (self.bare_since(history, contract) for contract in history.positions)
        return [one + self.settings.grace_period for one in begun if one is not None]

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        for contract in history.positions:
            since = self.bare_since(history, contract)
            if since is None or history.now < since + self.settings.grace_period:
                continue
            lock = lock_for(
                "no_stop_loss_grace", "NO_STOP_LOSS", LockMode.FLAT, self.settings.lockout, history, root=root(contract)
            )
            yield Wanted(
                "no_stop_loss_grace",
                "NO_STOP_LOSS",
                (Close(contract), *lock),
                f"{contract} {history.positions[contract].since}",
                severity=history.positions[contract].size,
            )

    def bare_since(self, history: History, contract: str) -> datetime | None:
        """Tell the moment from which on the position has been seen without protection, without a break."""
        begun: datetime | None = None
        position: int | None = None
        for stage in history.stages():
            held = stage.positions.get(contract)
            rule = next((one for one in stage.policy.rules if isinstance(one, NoStopLossGrace)), None)
            if held is None or rule is None or (position is not None and held.since != position):
                break
            if protected(stage, held, all_of_it=rule.require_full_size):
                break
            position, begun = held.since, stage.now
        return begun


def protected(history: History, held: Held, *, all_of_it: bool) -> bool:
    """Tell whether stops cover the position, or any of it."""
    covered = 0
    for order in history.working.values():
        if order.contract_id != held.contract or order.type.value not in STOPS or order.side.sign == held.sign:
            continue
        if order.status.value in {"none", "unknown"}:
            continue
        size = order.size - order.filled_size
        if order.status.value == "suspended":
            parent = history.orders.get(order.parent_id) if order.parent_id is not None else None
            told = sum(one.size for one in history.trades if one.order_id == order.parent_id and not one.voided)
            size = min(size, max(parent.filled_size if parent else 0, told))
        covered += max(size, 0)
    return covered >= held.size if all_of_it else covered > 0
