"""RULE-001, naively: list every contract held one by one and take away until the count fits."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from risk_manager.core.actions import Action, Close, CloseAll, LockMode, Reduce
from risk_manager.core.events import Event, PositionUpdated
from risk_manager.core.model.product import MICROS
from risk_manager.core.rules.max_contracts import MaxContracts
from tests.models.court import Standing, Wanted
from tests.models.ends import lock_for
from tests.models.history import History, root


class MaxContractsModel:
    """Count, and undo."""

    def __init__(self, settings: MaxContracts) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, PositionUpdated)

    def instants(self, history: History) -> Iterable[datetime]:
        del history
        return ()

    def count(self, nets: dict[str, int]) -> Decimal:
        weighted = [
            (self.settings.micros_count_as if root(one) in MICROS else Decimal(1)) * net for one, net in nets.items()
        ]
        if self.settings.count_type.value == "gross":
            return sum(map(abs, weighted), Decimal(0))
        return abs(sum(weighted, Decimal(0)))

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        nets = {contract: held.net for contract, held in history.positions.items()}
        count = self.count(nets)
        if count <= self.settings.limit:
            return
        code = "MAX_CONTRACTS_EXCEEDED"
        closes = self.settings.on_breach.value == "close_all"
        mode = LockMode.FLAT if closes else LockMode.NO_NEW_RISK
        lock = lock_for("max_contracts", code, mode, self.settings.lockout, history)
        actions: tuple[Action, ...] = (CloseAll(),) if closes else tuple(self.reductions(nets, history))
        yield Wanted("max_contracts", code, (*actions, *lock), measured=count, limit=self.settings.limit)

    def reductions(self, nets: dict[str, int], history: History) -> Iterator[Action]:
        left = {
            one: history.remaining(one) * (1 if net > 0 else -1) if self._heavier(nets, one) else net
            for one, net in nets.items()
        }
        coming = dict(left)
        last = history.last
        if isinstance(last, PositionUpdated) and last.position.contract_id in left:
            contract = last.position.contract_id
            before = history.earlier.positions.get(contract) if history.earlier else None
            earlier_size = before.size if before and before.since == history.positions[contract].since else 0
            while abs(left[contract]) > earlier_size and self._too_many(left) and self._heavier(left, contract):
                left[contract] -= 1 if left[contract] > 0 else -1
        while self._too_many(left):
            candidates = [one for one in left if left[one] and self._heavier(left, one)]
            largest = min(candidates, key=lambda one: (-abs(left[one]), one))
            left[largest] -= 1 if left[largest] > 0 else -1
        for contract, net in left.items():
            if net == coming[contract]:
                continue
            if net == 0:
                yield Close(contract)
            else:
                yield Reduce(contract, abs(net))

    def _too_many(self, nets: dict[str, int]) -> bool:
        return self.count(nets) > self.settings.limit

    def _heavier(self, nets: dict[str, int], contract: str) -> bool:
        if self.settings.count_type.value == "gross":
            return True
        total = sum(
            (self.settings.micros_count_as if root(one) in MICROS else Decimal(1)) * net for one, net in nets.items()
        )
        return total * nets[contract] > 0
