"""The engine beside the naive models: the same stream, and every verdict compared."""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from risk_manager.core.actions import Lock, Warn
from risk_manager.core.decisions import Plan
from risk_manager.core.engine import Engine
from risk_manager.core.events import Event, PolicyChanged, Restarted
from risk_manager.core.model.account import Account
from risk_manager.core.policy import Policy
from risk_manager.core.rule import PnlBasis
from tests.models.court import Court, Verdict
from tests.models.history import History
from tests.models.registry import model_of

ACCOUNT = 1


@dataclass
class Pair:
    """One account, twice."""

    policy: Policy
    start: datetime

    def __post_init__(self) -> None:
        account = Account(account_id=ACCOUNT, can_trade=True)
        self.engine = Engine({ACCOUNT: self.policy}, at=self.start, accounts=[account])
        history = History(ACCOUNT, self.policy, can_trade_at_start=True)
        models = {rule.name: (rule, model_of(rule)) for rule in self.policy.rules}
        self.court = Court(history, models, self.start, model_of)
        self.log: list[str] = []

    def compare(self, events: Sequence[Event]) -> None:
        """Tell both everything; raise `AssertionError` where they differ first."""
        found: list[Verdict] = []
        wanted: list[Verdict] = []
        for index, event in enumerate(events):
            if isinstance(event, Restarted):
                self._restart(event)
            if isinstance(event, PolicyChanged):
                self.policy = event.policies[ACCOUNT]
            found += [_verdict(one) for one in self.engine.handle(event) if not one.shadow]
            wanted += self.court.tell(event)
            self.log.append(f"{index:3} {_short(event)}")
            following = events[index + 1] if index + 1 < len(events) else None
            if (following is not None and isinstance(following, Restarted)) or isinstance(event, Restarted):
                continue  # the picture that follows at the same instant belongs to it
            self._agree("verdicts", _merged(found), _merged(wanted))
            found, wanted = [], []
            self._agree_on_facts()

    def _restart(self, event: Restarted) -> None:
        memory = copy.deepcopy(self.engine.state.accounts[ACCOUNT].memory)
        self.engine = Engine({ACCOUNT: self.policy}, at=event.at, memories={ACCOUNT: memory})

    def _agree_on_facts(self) -> None:
        state, history = self.engine.state.accounts[ACCOUNT], self.court.history
        self._agree(
            "positions",
            {key: (one.net_size, one.average_price) for key, one in state.positions.items() if one.net_size},
            {key: (one.net, one.price) for key, one in history.positions.items()},
        )
        self._agree("working orders", dict(state.working_orders), history.working)
        for fees in (True, False):
            for basis in PnlBasis:
                self._agree(
                    f"P&L {basis} fees={fees}",
                    state.pnl_of_day(basis, with_fees=fees),
                    history.pnl_of_day(fees=fees, with_open=basis is PnlBasis.REALIZED_PLUS_OPEN),
                )
        self._agree(
            "open P&L",
            {key: state.open_pnl(key) for key in state.positions if state.open_pnl(key) is not None},
            history.open_pnl,
        )
        ours = {(one.rule, one.root, one.mode, one.until) for one in state.lockouts.by_key.values()}
        self._agree("locks", ours, {(one.rule, one.root, one.mode, one.until) for one in self.court.locks.values()})

    def _agree(self, about: str, engine: Any, model: Any) -> None:
        if engine != model:
            log = "\n".join(self.log)
            raise AssertionError(f"{about}\n{self.policy.rules}\n{log}\nENGINE {engine}\nMODEL  {model}")


def _verdict(plan: Plan) -> Verdict:
    rules = {one.rule for one in plan.decisions if not all(isinstance(action, Warn) for action in one.actions)}
    return Verdict(plan.at, frozenset(rules), frozenset(one for one in plan.actions if not isinstance(one, Warn)))


def _merged(verdicts: Iterable[Verdict]) -> dict[datetime, tuple[frozenset[str], frozenset[object]]]:
    """Join what was decided at one instant; codes of locks are compared by the locks in force."""
    found: dict[datetime, tuple[frozenset[str], frozenset[object]]] = {}
    for one in verdicts:
        rules, actions = found.get(one.at, (frozenset(), frozenset()))
        plain = {(a.rule, a.mode, a.until, a.root) if isinstance(a, Lock) else a for a in one.actions}
        if one.rules:
            found[one.at] = (rules | one.rules, actions | plain)
    return found


def _short(event: Event) -> str:
    text = repr(event).replace("datetime.timezone.utc", "UTC").replace("account_id=1, ", "")
    return text.replace("datetime.datetime", "").replace("CON.F.US.", "")
