"""RULE-002, naively: add up every root over its months, and give back what grew last."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from risk_manager.core.actions import Action, Close, LockMode, Reduce
from risk_manager.core.events import Event, PositionUpdated
from risk_manager.core.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from tests.models.court import Standing, Wanted
from tests.models.ends import lock_for
from tests.models.history import History, root


class MaxContractsPerInstrumentModel:
    """Count each root."""

    def __init__(self, settings: MaxContractsPerInstrument) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, PositionUpdated)

    def instants(self, history: History) -> Iterable[datetime]:
        del history
        return ()

    def limit_of(self, of_root: str) -> int | None:
        if of_root in self.settings.limits:
            return self.settings.limits[of_root]
        word, _, number = self.settings.unknown_symbol_action.partition(":")
        return {"block": 0, "allow_unlimited": None}[word] if not number else int(number)

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        for of_root in {root(contract) for contract in history.positions}:
            sizes = {key: held.size for key, held in history.positions.items() if root(key) == of_root}
            limit = self.limit_of(of_root)
            if limit is None or sum(sizes.values()) <= limit:
                continue
            closes = self.settings.on_breach.value == "close_position" or limit == 0
            code = "MAX_CONTRACTS_PER_INSTRUMENT_EXCEEDED"
            mode = LockMode.FLAT if closes else LockMode.NO_NEW_RISK
            lock = lock_for("max_contracts_per_instrument", code, mode, self.settings.lockout, history, root=of_root)
            actions: list[Action] = [Close(one) for one in sizes] if closes else self.give_back(history, of_root, limit)
            yield Wanted(
                "max_contracts_per_instrument",
                code,
                (*actions, *lock),
                subject=of_root,
                measured=sum(sizes.values()),
                limit=limit,
            )

    def give_back(self, history: History, of_root: str, limit: int) -> list[Action]:
        sizes = {key: history.remaining(key) for key in history.positions if root(key) == of_root}
        excess = sum(sizes.values()) - limit
        actions: list[Action] = []
        for contract in sorted(sizes, key=lambda one: (-grown_at(one, history), one)):
            taken = max(0, min(excess, sizes[contract]))
            if not taken:
                continue
            excess -= taken
            left = sizes[contract] - taken
            actions.append(Reduce(contract, left) if left else Close(contract))
        return actions


def grown_at(contract: str, history: History) -> int:
    """Tell at which event a position last grew, or began."""
    for stage in history.stages():
        now = stage.positions.get(contract)
        before = stage.earlier.positions.get(contract) if stage.earlier else None
        if now and (before is None or before.since != now.since or now.size > before.size):
            return len(stage.events)
    return 0
