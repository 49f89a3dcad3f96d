"""RULE-002: hold no more than so many contracts of one product."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from risk_manager.core.actions import Action, Close, LockMode, Reduce
from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event, PositionUpdated
from risk_manager.core.rule import EACH_ROOT_ONCE, LONGER_LOCK, Lockout, LockoutEnd, Root, Rule, Utilization
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.positions import Holding
from risk_manager.core.strictness import Looser, LooserAmong, from_strict

BLOCK = "block"
ALLOW_UNLIMITED = "allow_unlimited"
_WITH_LIMIT = re.compile(r"allow_with_limit:(\d+)")


def _check_unknown_symbol_action(text: str) -> str:
    if text in {BLOCK, ALLOW_UNLIMITED} or _WITH_LIMIT.fullmatch(text):
        return text
    raise ValueError("write block, allow_with_limit:N or allow_unlimited")


def _limits_loosen(old: "MaxContractsPerInstrument", new: "MaxContractsPerInstrument") -> bool:
    """A limit that allows more than before is looser; for a root without one, what holds for such roots counts."""
    return any(_allowed(new, root, old) > _allowed(old, root, old) for root in (*old.limits, *new.limits))


def _lower_limits(old: "MaxContractsPerInstrument", new: "MaxContractsPerInstrument") -> dict[str, int]:
    """Of each root the lower limit; a root that had none, and needs none, is left out."""
    roots = dict.fromkeys((*old.limits, *new.limits))
    lowest = {root: min(_allowed(old, root, old), _allowed(new, root, old)) for root in roots}
    return {
        root: int(limit)
        for root, limit in lowest.items()
        if root in old.limits or limit < _most_of(old.unknown_symbol_action)
    }


def _allowed(rule: "MaxContractsPerInstrument", root: str, before: "MaxContractsPerInstrument") -> float:
    """Tell how many contracts a rule allows; what it allows of unlisted roots beyond `before` is no matter here."""
    unlisted = min(_most_of(rule.unknown_symbol_action), _most_of(before.unknown_symbol_action))
    return rule.limits.get(root, unlisted)


def _unknown_symbol_loosens(old: str, new: str) -> bool:
    return _most_of(new) > _most_of(old)


def _most_of(action: str) -> float:
    """Tell how many contracts of an unlisted root an action allows."""
    limit = _limit_of_unlisted(action)
    return math.inf if limit is None else limit


@lru_cache(maxsize=64)  # a handful of settings, asked for with every report
def _limit_of_unlisted(action: str) -> int | None:
    """Read the limit of an unlisted root from a setting; None: there is none."""
    with_limit = _WITH_LIMIT.fullmatch(action)
    if with_limit:
        return int(with_limit[1])
    return None if action == ALLOW_UNLIMITED else 0


class OnBreach(Enum):
    """What happens above the limit."""

    REDUCE_TO_LIMIT = "reduce_to_limit"
    CLOSE_POSITION = "close_position"


class MaxContractsPerInstrument(Rule):
    """Take back the excess, or close the product, when it is held beyond its own limit."""

    name: ClassVar[str] = "max_contracts_per_instrument"
    title: ClassVar[str] = "Max contracts"
    protects: ClassVar[str] = "From holding too much of one instrument."
    triggers: ClassVar[tuple[type[Event], ...]] = (PositionUpdated,)
    codes: ClassVar[tuple[str, ...]] = ("MAX_CONTRACTS_PER_INSTRUMENT_EXCEEDED",)

    limits: Annotated[
        dict[Root, Annotated[int, Field(ge=0, strict=True)]],
        EACH_ROOT_ONCE,
        LooserAmong(_limits_loosen, _lower_limits),
        Field(examples=["{ES: 2, NQ: 1}"]),
    ]
    """Contracts of each instrument, over all expiries; 0 forbids it."""
    unknown_symbol_action: Annotated[
        str,
        AfterValidator(_check_unknown_symbol_action),
        Looser(_unknown_symbol_loosens),
        Field(examples=["block", "allow_with_limit:2", "allow_unlimited"]),
    ]
    """What holds for an instrument that has no limit of its own."""
    on_breach: Annotated[OnBreach, from_strict(OnBreach.CLOSE_POSITION, OnBreach.REDUCE_TO_LIMIT)] = (
        OnBreach.REDUCE_TO_LIMIT
    )
    """What is done to positions at a breach."""
    lockout: Annotated[Lockout, LONGER_LOCK] = LockoutEnd.NONE
    """How long no trading is allowed after a breach."""

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: contracts of a root > its limit."""
        del event
        counts: dict[str, int] = {}
        for contract_id, holding in state.holdings.items():
            root = state.root(contract_id)
            counts[root] = counts.get(root, 0) + holding.position.size
        unlisted = _limit_of_unlisted(self.unknown_symbol_action)
        decisions = []
        for root, count in counts.items():
            limit = self.limits.get(root, unlisted)
            if limit is not None and count > limit:
                decisions.append(self._decide(state, root, self._by_root(state)[root], count=count, limit=limit))
        return decisions

    def utilization(self, state: AccountState) -> Sequence[Utilization]:
        """Contracts held ÷ limit, for each root that has a limit and is held."""
        return [
            Utilization(
                measured=Decimal(sum(holding.position.size for holding in holdings)), limit=Decimal(limit), subject=root
            )
            for root, holdings in self._by_root(state).items()
            if (limit := self.limits.get(root, _limit_of_unlisted(self.unknown_symbol_action))) is not None
        ]

    def _by_root(self, state: AccountState) -> dict[str, list[Holding]]:
        by_root: dict[str, list[Holding]] = {}
        for contract_id, holding in state.holdings.items():
            by_root.setdefault(state.root(contract_id), []).append(holding)
        return by_root

    def _decide(
        self, state: AccountState, root: str, holdings: Sequence[Holding], *, count: int, limit: int
    ) -> Decision:
        closes = limit == 0 or self.on_breach is OnBreach.CLOSE_POSITION
        mode = LockMode.FLAT if closes else LockMode.NO_NEW_RISK
        actions = _close(holdings) if closes else _reduce(holdings, state, limit=limit)
        lock = self.lock(state, code=self.codes[0], lockout=self.lockout, mode=mode, root=root)
        return Decision(
            rule=self.name,
            code=self.codes[0],
            subject=root,
            measured=count,
            limit=limit,
            actions=(*actions, *lock),
        )


def _close(holdings: Sequence[Holding]) -> list[Action]:
    return [Close(holding.position.contract_id) for holding in holdings]


def _reduce(holdings: Sequence[Holding], state: AccountState, *, limit: int) -> list[Action]:
    """Take the excess from the expiry that grew last, and only then from the one before.

    What is being taken away already counts no more: the breach ends by that, and the rest is within the limit.
    """
    remaining = {one.position.contract_id: state.will_remain(one.position.contract_id) for one in holdings}
    excess = sum(remaining.values()) - limit
    actions: list[Action] = []
    for holding in sorted(holdings, key=lambda one: -one.grew):
        contract_id = holding.position.contract_id
        taken = min(excess, remaining[contract_id])
        if taken > 0:
            actions.append(Reduce(contract_id, remaining[contract_id] - taken))
            excess -= taken
    return actions
