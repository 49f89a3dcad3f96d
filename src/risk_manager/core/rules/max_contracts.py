"""RULE-001: hold no more than so many contracts at a time."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar

from pydantic import Field

from risk_manager.core.actions import Action, CloseAll, LockMode, Reduce
from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event, PositionUpdated
from risk_manager.core.model.product import MICROS
from risk_manager.core.rule import LONGER_LOCK, Lockout, LockoutEnd, PositiveCount, Rule, Utilization
from risk_manager.core.state.account import AccountState
from risk_manager.core.strictness import WHEN_HIGHER, WHEN_LOWER, from_strict


class CountType(Enum):
    """How longs and shorts add up: against each other, or all as risk."""

    NET = "net"
    GROSS = "gross"


class OnBreach(Enum):
    """What happens above the limit."""

    CLOSE_ALL = "close_all"
    REDUCE_TO_LIMIT = "reduce_to_limit"


Sizes = dict[str, int]
"""Signed contracts by contract id."""
Weights = Mapping[str, Decimal]
"""What one contract counts, by contract id."""


class MaxContracts(Rule):
    """Close everything, or take back the excess, when the account holds more than the limit."""

    name: ClassVar[str] = "max_contracts"
    title: ClassVar[str] = "Max contracts"
    protects: ClassVar[str] = "From holding too much at once: contracts over all instruments together."
    triggers: ClassVar[tuple[type[Event], ...]] = (PositionUpdated,)
    codes: ClassVar[tuple[str, ...]] = ("MAX_CONTRACTS_EXCEEDED",)

    limit: Annotated[PositiveCount, WHEN_HIGHER]
    """So many contracts may be held; one more is a breach."""
    count_type: Annotated[CountType, from_strict(CountType.GROSS, CountType.NET)] = CountType.NET
    """gross adds longs and shorts up; net lets them offset each other."""
    micros_count_as: Annotated[Decimal, Field(gt=0, le=1), WHEN_LOWER] = Decimal(1)
    """What one micro contract counts: 0.1 makes ten of them one."""
    on_breach: Annotated[OnBreach, from_strict(OnBreach.CLOSE_ALL, OnBreach.REDUCE_TO_LIMIT)] = OnBreach.CLOSE_ALL
    """What is done to positions at a breach."""
    lockout: Annotated[Lockout, LONGER_LOCK] = LockoutEnd.NONE
    """How long no trading is allowed after a breach."""

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: count > limit."""
        del event
        sizes = {contract_id: holding.position.net_size for contract_id, holding in state.holdings.items()}
        if sum(map(abs, sizes.values())) <= self.limit:  # as a contract counts one at most, and opposite ones no more
            return ()
        weights = {contract_id: self._weight(state, contract_id) for contract_id in sizes}
        count = self._count(sizes, weights)
        if count <= self.limit:
            return ()
        mode = LockMode.FLAT
        actions: tuple[Action, ...] = (CloseAll(),)
        if self.on_breach is OnBreach.REDUCE_TO_LIMIT:
            mode, actions = LockMode.NO_NEW_RISK, self._reductions(state, sizes, weights)
        lock = self.lock(state, code=self.codes[0], lockout=self.lockout, mode=mode)
        return (
            Decision(rule=self.name, code=self.codes[0], measured=count, limit=self.limit, actions=(*actions, *lock)),
        )

    def utilization(self, state: AccountState) -> Sequence[Utilization]:
        """Contracts held ÷ limit."""
        sizes = {contract_id: holding.position.net_size for contract_id, holding in state.holdings.items()}
        weights = {contract_id: self._weight(state, contract_id) for contract_id in sizes}
        return (Utilization(measured=self._count(sizes, weights), limit=Decimal(self.limit)),)

    def _weight(self, state: AccountState, contract_id: str) -> Decimal:
        return self.micros_count_as if state.root(contract_id) in MICROS else Decimal(1)

    def _count(self, sizes: Sizes, weights: Weights) -> Decimal:
        counts = [size * weights[contract_id] for contract_id, size in sizes.items()]
        if self.count_type is CountType.NET:
            return abs(sum(counts, Decimal(0)))
        return sum((abs(count) for count in counts), Decimal(0))

    def _reductions(self, state: AccountState, sizes: Sizes, weights: Weights) -> tuple[Action, ...]:
        """Undo the increase that caused the breach, then take from whatever is the largest, until it fits.

        What is being taken away already is not taken twice; a hedge counts for as long as it is held.
        """
        heavier = self._candidates(sizes, weights)
        remaining = {
            one: (state.will_remain(one) if size > 0 else -state.will_remain(one)) if one in heavier else size
            for one, size in sizes.items()
        }
        left = dict(remaining)
        increase = state.news.increase
        if increase is not None:
            last = increase.contract_id
            while self._count(left, weights) > self.limit and abs(left[last]) > increase.earlier_size:
                if last not in self._candidates(left, weights):
                    break
                _take_one(left, last)
        while self._count(left, weights) > self.limit:
            _take_one(left, min(self._candidates(left, weights), key=lambda one: (-abs(left[one]), one)))
        return tuple(Reduce(one, abs(left[one])) for one in sorted(left) if left[one] != remaining[one])

    def _candidates(self, left: Sizes, weights: Weights) -> list[str]:
        """List the contracts from which taking lowers the count: under net, those of the heavier side."""
        if self.count_type is CountType.GROSS:
            return list(left)
        net = sum(size * weights[contract_id] for contract_id, size in left.items())
        return [contract_id for contract_id, size in left.items() if (size > 0) == (net > 0)]


def _take_one(left: Sizes, contract_id: str) -> None:
    left[contract_id] -= 1 if left[contract_id] > 0 else -1
