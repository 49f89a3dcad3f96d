"""The engine beside the naive models: the same stream, and every verdict compared."""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from risk_manager.core.actions import Lock, PlaceStop, Warn
from risk_manager.core.decisions import Plan
from risk_manager.core.engine import Engine
from risk_manager.core.events import Event, OrderUpdated, PolicyChanged, Restarted
from risk_manager.core.model.account import Account
from risk_manager.core.model.order import Order, OrderStatus, OrderType
from risk_manager.core.rule import PnlBasis
from tests.models.court import Court, Verdict
from tests.models.history import History
from tests.models.policies import Configured
from tests.models.registry import model_of
from tests.models.streams import Obeyed


@dataclass
class Pair:
    """Accounts, each twice: in one engine, and with a naive court of its own."""

    configured: Configured
    start: datetime
    accounts: tuple[int, ...]

    def __post_init__(self) -> None:
        self.policies = {one: self.configured.policies[one] for one in self.accounts}
        known = [Account(account_id=one, can_trade=True) for one in self.accounts]
        self.engine = Engine(self.policies, at=self.start, accounts=known)
        self.courts = {one: self._court(one) for one in self.accounts}
        self.log: list[str] = []

    def _court(self, account_id: int) -> Court:
        policy = self.configured.plainly[account_id]
        history = History(account_id, policy, can_trade_at_start=True)
        models = {rule.name: (rule, model_of(rule)) for rule in policy.rules}
        return Court(history, models, self.start, model_of)

    def compare(self, events: Sequence[Event | Obeyed]) -> None:
        """Tell both everything; raise `AssertionError` where they differ first."""
        found: list[tuple[int, Verdict]] = []
        wanted: list[tuple[int, Verdict]] = []
        for index, told in enumerate(events):
            event = self._done(told) if isinstance(told, Obeyed) else told
            if event is None:
                continue
            if isinstance(event, Restarted):
                self._restart(event)
            if isinstance(event, PolicyChanged):
                self.policies = {one: event.policies[one] for one in self.accounts}
            found += [(one.account_id, _verdict(one)) for one in self.engine.handle(event)]
            wanted += self._tell_courts(event)
            self.log.append(f"{index:3} {_short(event)}")
            following = events[index + 1] if index + 1 < len(events) else None
            if (following is not None and isinstance(following, Restarted)) or isinstance(event, Restarted):
                continue  # the picture that follows at the same instant belongs to it
            self._agree("verdicts", _merged(found), _merged(wanted))
            found, wanted = [], []
            for account_id in (one for one, court in self.courts.items() if court.history.events):
                self._agree_on_facts(account_id)

    def _tell_courts(self, event: Event) -> list[tuple[int, Verdict]]:
        """Tell an event to the account that it concerns, and the time to the others."""
        concerned = getattr(event, "account_id", None)
        verdicts: list[tuple[int, Verdict]] = []
        for account_id, court in self.courts.items():
            told = court.tell(event) if concerned in {None, account_id} else court.fall_due(event.at)
            verdicts += [(account_id, one) for one in told]
        return verdicts

    def _done(self, obeyed: Obeyed) -> Event | None:
        """Let the venue report one of the stops last asked for."""
        history = self.courts[obeyed.account_id].history
        asked = history.asked[-1 - obeyed.pick :][:1]
        if not asked:
            return None
        deed, known = asked[0].deed, history.orders
        if isinstance(deed, PlaceStop):
            order = Order(
                order_id=10_000 + obeyed.number,
                account_id=obeyed.account_id,
                contract_id=deed.contract_id,
                type=OrderType.STOP,
                side=deed.side,
                size=deed.size,
                status=OrderStatus.OPEN,
                stop_price=deed.stop,
                updated_at=obeyed.at,
            )
            return OrderUpdated(at=obeyed.at, order=order, ours=True)
        if deed.order_id not in known or not known[deed.order_id].is_working:
            return None
        order = known[deed.order_id]
        order = replace(order, stop_price=deed.stop, size=deed.size or order.size, updated_at=obeyed.at)
        return OrderUpdated(at=obeyed.at, order=order)

    def _restart(self, event: Restarted) -> None:
        memories = {one: copy.deepcopy(self.engine.state.accounts[one].memory) for one in self.accounts}
        self.engine = Engine(self.policies, at=event.at, memories=memories)

    def _agree_on_facts(self, account_id: int) -> None:
        state, court = self.engine.state.accounts[account_id], self.courts[account_id]
        history = court.history
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
        self._agree("locks", ours, {(one.rule, one.root, one.mode, one.until) for one in court.locks.values()})

    def _agree(self, about: str, engine: Any, model: Any) -> None:
        if engine != model:
            log = "\n".join(self.log)
            raise AssertionError(f"{about}\n{self.policies}\n{log}\nENGINE {engine}\nMODEL  {model}")


def _verdict(plan: Plan) -> Verdict:
    rules = {one.rule for one in plan.decisions if not all(isinstance(action, Warn) for action in one.actions)}
    actions = frozenset(one for one in plan.actions if not isinstance(one, Warn))
    return Verdict(plan.at, frozenset(rules), actions, plan.shadow)


def _merged(
    verdicts: Iterable[tuple[int, Verdict]],
) -> dict[tuple[int, datetime, str], tuple[frozenset[str], frozenset[object]]]:
    """Join what was decided at one instant for an account; codes of locks are compared by the locks in force."""
    found: dict[tuple[int, datetime, str], tuple[frozenset[str], frozenset[object]]] = {}
    for account_id, one in verdicts:
        key = (account_id, one.at, "shadow" if one.shadow else "enforce")
        rules, actions = found.get(key, (frozenset(), frozenset()))
        plain = {(a.rule, a.mode, a.until, a.root) if isinstance(a, Lock) else a for a in one.actions}
        if one.rules:
            found[key] = (rules | one.rules, actions | plain)
    return found


def _short(event: Event) -> str:
    text = repr(event).replace("datetime.timezone.utc", "UTC").replace("account_id=1, ", "")
    return text.replace("datetime.datetime", "").replace("CON.F.US.", "")
