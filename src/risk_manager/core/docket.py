"""The docket: which verdicts are new, and which breaches are on their way to their end already."""

from collections.abc import Container
from dataclasses import replace

from risk_manager.core.actions import Action, Cancel, Close, Lock, Reduce, Resize, Unlock, Warn
from risk_manager.core.aims import aims_of, reached, wants_of
from risk_manager.core.decisions import Decision, Measure
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.enforcements import BreachKey, Enforcement
from risk_manager.core.state.lockouts import STRICT_MODE, Lockout, key_of


class Docket:
    """What is being enforced on one account, so that each breach is decided once."""

    def __init__(self, state: AccountState) -> None:
        self.state = state

    @property
    def waits_for_ends(self) -> bool:
        """Something is remembered until its breach has ended: one that was cleared, or an entry that is lasting."""
        enforcements = self.state.memory.enforcements
        if enforcements.cleared:
            return True
        for one in enforcements.by_key.values():  # noqa: SIM110 - `any` would make a generator for every quote
            if one.lasting:
                return True
        return False

    def is_news(self, decision: Decision) -> bool:
        """Tell whether a decision wants anything that is not being enforced or in force already."""
        enforcements = self.state.memory.enforcements
        under_way = enforcements.by_key.get(key_of_breach(decision))
        if under_way is None:
            return not self._is_cleared(decision) and self._wants_anything(decision)
        under_way.severity = _worse(under_way.severity, _severity(decision))
        if under_way.lasting:
            return False
        is_due = decision.anew or self._is_of_changed_rule(decision)
        if is_due and any(self._changes_lock(action) for action in decision.actions):
            return True
        return bool(wants_of(decision.actions, self.state).less(enforcements.under_way()))

    def what_is_new(self, decision: Decision) -> Decision:
        """Leave out of a decision that is news what is under way for the same breach: what appears later is new."""
        under_way = self.state.memory.enforcements.by_key.get(key_of_breach(decision))
        if under_way is None or not under_way.aims or self._is_of_changed_rule(decision):
            return decision
        left = wants_of(decision.actions, self.state).less(under_way.aims)
        closing = {contract_id for contract_id, _ in left.positions}
        actions = tuple(one for one in decision.actions if _is_about(one, closing, left.orders))
        return replace(decision, actions=actions)

    def _is_of_changed_rule(self, decision: Decision) -> bool:
        """Tell whether a reload has just changed its rule: under the same settings a lock in force is not prolonged."""
        earlier = next((one for one in self.state.news.earlier_rules if one.name == decision.rule), None)
        return earlier is not None and earlier not in self.state.policy.rules

    def _is_cleared(self, decision: Decision) -> bool:
        """Tell whether an admin has cleared a breach that has not grown since."""
        cleared = self.state.memory.enforcements.cleared
        key = key_of_breach(decision)
        if key not in cleared:
            return False
        at_clearing, now = cleared[key], _severity(decision)
        if at_clearing is not None and now is not None and now > at_clearing:
            del cleared[key]
            return False
        return True

    def _wants_anything(self, decision: Decision) -> bool:
        for action in decision.actions:
            if isinstance(action, Lock):
                if self._changes_lock(action):
                    return True
            elif not isinstance(action, Unlock) or self.ending(action):
                return True
        return False

    def _changes_lock(self, action: Action) -> bool:
        return isinstance(action, Lock) and self.state.lockouts.would_change(action, self.state.now)

    def ending(self, unlock: Unlock) -> list[Lockout]:
        """List the locks that an unlock ends: those of its rule, but not what strict mode added."""
        return [one for one in self.state.lockouts.of_rule(unlock.rule, unlock.root) if one.code != STRICT_MODE]

    def forget_ended(self, rule: str, found: set[BreachKey]) -> None:
        """A breach that has ended may be decided anew when it comes back, cleared or lasting as it was."""
        enforcements = self.state.memory.enforcements
        for key in [key for key in enforcements.cleared if key[0] == rule and key not in found]:
            del enforcements.cleared[key]
        for key in [key for key, one in enforcements.by_key.items() if one.lasting and key[0] == rule]:
            if key not in found:
                del enforcements.by_key[key]

    def register(self, decision: Decision) -> None:
        """Note what is being enforced from now on."""
        by_key = self.state.memory.enforcements.by_key
        key = key_of_breach(decision)
        enforcement = by_key.get(key)
        if enforcement is None:
            enforcement = by_key[key] = Enforcement()
        enforcement.severity = _worse(enforcement.severity, _severity(decision))
        only_warns = True
        for action in decision.actions:
            if isinstance(action, Lock) and key_of(action) in self.state.lockouts.by_key:
                enforcement.locks.add(key_of(action))
            only_warns = only_warns and isinstance(action, Warn)
        enforcement.lasting = decision.shadow or only_warns
        enforcement.aims.add(aims_of(decision.actions, self.state))
        if not (enforcement.aims or enforcement.locks or enforcement.lasting):
            del by_key[key]

    def prune(self) -> None:
        """End enforcements that have reached what they aimed at, and whose locks have ended."""
        by_key = self.state.memory.enforcements.by_key
        in_force = self.state.memory.lockouts.by_key.keys()
        over: list[BreachKey] = []
        for key, enforcement in by_key.items():
            if enforcement.lasting:
                continue
            aims, locks = enforcement.aims, enforcement.locks
            if aims.positions or aims.orders:
                aims = enforcement.aims = aims.less(reached(aims, self.state))
            locks.intersection_update(in_force)
            if not (locks or aims.positions or aims.orders):
                over.append(key)
        for key in over:
            del by_key[key]

    def end_lasting(self) -> None:
        """Forget what was only shown or warned of, as under a changed configuration."""
        by_key = self.state.memory.enforcements.by_key
        for key in [key for key, enforcement in by_key.items() if enforcement.lasting]:
            del by_key[key]


def _is_about(action: Action, contracts: Container[str], orders: Container[int]) -> bool:
    """Tell whether an action is about one of these positions or orders, or about more than one."""
    match action:
        case Close(contract_id) | Reduce(contract_id, _):
            return contract_id in contracts
        case Cancel(order_id) | Resize(order_id, _):
            return order_id in orders
        case _:
            return True


def key_of_breach(decision: Decision) -> BreachKey:
    """Tell which breach a decision answers."""
    return (decision.rule, decision.code, decision.subject)


def _severity(decision: Decision) -> Measure:
    return decision.measured if decision.severity is None else decision.severity


def _worse(known: Measure, now: Measure) -> Measure:
    if known is None or now is None:
        return now if known is None else known
    return max(known, now)
