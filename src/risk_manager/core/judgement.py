"""Judging one account: the verdicts of its rules, what is left of them, and what comes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from risk_manager.core.actions import (
    Action,
    CancelAll,
    CloseAll,
    Lock,
    LockMode,
    Unlock,
)
from risk_manager.core.aims import aims_of, wants_of
from risk_manager.core.asking import Asking
from risk_manager.core.decisions import Decision, Plan
from risk_manager.core.docket import Docket, key_of_breach
from risk_manager.core.events import (
    ClockTicked,
    EnforcementFinished,
    Event,
    LockCleared,
    LockRequested,
    PolicyChanged,
    QuoteUpdated,
    Reconciled,
)
from risk_manager.core.jury import Jury
from risk_manager.core.lost_feed import FEED_LOST, blind_until, tell_lost
from risk_manager.core.policy import Policy
from risk_manager.core.precedence import settle, settle_actions, settle_locks
from risk_manager.core.rule import Rule, RuleMode
from risk_manager.core.stale_quotes import QUOTES, next_stale, tell_stale
from risk_manager.core.standing_order import LOCKOUT, ceilings_now, wanted_by
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.lockouts import STRICT_MODE, Lockout
from risk_manager.core.state.memory import News
from risk_manager.core.state.quotes import Quotes

_NO_NEWS = News()


class Court:
    """One account with its rules: it turns what is known into plans, each breach once."""

    def __init__(self, state: AccountState, asking: Asking) -> None:
        self.state = state
        self._asking = asking
        self.docket = Docket(state)
        self._jury = Jury(state.policy.rules)
        self._taken_off: frozenset[str] = frozenset()

    # what happens

    def judge(self, event: Event) -> list[Plan]:
        """Ask the rules that an event triggers, and the standing orders."""
        if isinstance(event, Reconciled):
            ended, self._taken_off = _ends_of(self._taken_off), frozenset()
            return self._judge(event, self.state.policy.rules, ended)
        return self._judge(event, self._jury.on(type(event)))

    def quote(self, event: QuoteUpdated) -> Sequence[Plan]:
        """Judge a quote of a held contract. It is the hot path: as a rule, nothing comes of a quote.

        What is under way is not looked at before a rule decides something: no price brings it to its end.
        """
        state = self.state
        state.news = _NO_NEWS
        rules = self._jury.on_prices if state.mark(event.contract_id) else self._jury.on_book
        if self.docket.waits_for_ends or state.memory.blind_since is not None:
            return self._judge(event, rules)
        return self._judge(event, rules) if self._asking.any_decides(rules, state, event) else ()

    def tick(self, event: ClockTicked) -> list[Plan]:
        """Let an instant come; when a lock or the trading day has ended, every rule judges."""
        locks, day = len(self.state.lockouts.by_key), self.state.day
        self.state.advance(event.at)
        if len(self.state.lockouts.by_key) != locks or self.state.day != day:
            return self._judge(event, self.state.policy.rules)
        return self.judge(event)

    def fall_due(self, event: ClockTicked) -> list[Plan]:
        """Let an instant come that was named. At one that is but a quote's, grown stale, no rule has anything new."""
        due = self._next_of_rules()
        if due is not None and due <= event.at:
            return self.tick(event)
        self.state.advance(event.at)
        stale = tell_stale(self.state)
        self.docket.forget_ended(QUOTES, {key_of_breach(one) for one in stale})
        fresh = [one for one in stale if self.docket.is_news(one)]
        return [self._enforce(fresh)] if fresh else []

    def adopt(self, policy: Policy, event: PolicyChanged) -> list[Plan]:
        """Take on a changed configuration: it acts at once on what is there."""
        ended = _ends_of(self.state.policy.locks_ended_by(policy))
        if policy.shadow is not self.state.policy.shadow:
            self.state.memory.enforcements.by_key.pop(_STANDING, None)
        self.state.news = News(earlier_rules=self.state.policy.rules)
        self.state.adopt(policy)
        self._jury = Jury(policy.rules)
        self.state.memory.clocks.stop_other_than(rule.name for rule in policy.rules)
        self.docket.end_lasting()
        return self._judge(event, policy.rules, ended)

    def restart(self, quotes: Quotes, now: datetime, taken_off: frozenset[str] = frozenset()) -> None:
        """Come back with what was stored: no enforcement is under way, and nothing has a mark.

        The locks of rules that were taken off meanwhile end with the first picture.
        """
        self._taken_off = taken_off
        self.state.advance(now)
        self.state.memory.enforcements.by_key.clear()
        self.state.memory.blind_since = None
        self.state.begin_anew(quotes)

    def clear(self, event: LockCleared) -> None:
        """End locks at an admin's word, and their enforcement."""
        ended = {lock.key for lock in self.state.lockouts.of_rule(event.rule, event.root)}
        self.state.lockouts.end(ended)
        enforcements = self.state.memory.enforcements
        enforcements.clear_locks(ended)
        self._forget_ended(event)
        standing = enforcements.by_key.get(_STANDING)
        if standing is not None:
            wanted = aims_of(wanted_by(self.state.lockouts.by_key.values(), self.state), self.state)
            standing.aims = standing.aims.as_far_as(wanted)

    def _forget_ended(self, event: LockCleared) -> None:
        """Look whether what was cleared is over already: a lock goes on when its breach has long ended."""
        cleared = {key[0] for key in self.state.memory.enforcements.cleared}
        for rule in self.state.policy.rules:
            if rule.name in cleared and not rule.momentary:
                found = self._asking.verdict(rule, self.state, event)
                if found is not None:
                    self.docket.forget_ended(rule.name, {key_of_breach(decision) for decision in found})

    def lock_by_hand(self, event: LockRequested) -> list[Plan]:
        """Set a flat lock on the account that no rule asked for."""
        is_news = self.state.lockouts.put_by_hand(event.until, now=self.state.now)
        return self._judge(event, ()) if is_news else []

    def hear_of_enforcement(self, event: EnforcementFinished) -> list[Plan]:
        """Note what became of an enforcement; what still breaches after a failed one is decided again."""
        enforcements = self.state.memory.enforcements
        known = self.state.memory.orders.by_id.values()
        orders = [order.order_id for order in known if order.contract_id == event.contract_id]
        if not event.ok:
            enforcements.fail(event.contract_id, orders)
            return self._judge(event, self.state.policy.rules)
        enforcements.finish(event.contract_id, orders)
        self.docket.prune()
        return []

    def next_deadline(self) -> datetime | None:
        """Name the next instant at which time alone can change a verdict, or what people are told."""
        return min((one for one in (self._next_of_rules(), next_stale(self.state)) if one is not None), default=None)

    def _next_of_rules(self) -> datetime | None:
        state = self.state
        deadlines = [state.day.ends_at, state.lockouts.next_end(), blind_until(state)]
        deadlines += [self._asking.deadline(rule, state, state.now) for rule in self._jury.with_deadline]
        return min((one for one in deadlines if one is not None and one > state.now), default=None)

    # how it is judged

    def _judge(self, event: Event, rules: Sequence[Rule], decided: Sequence[Decision] = ()) -> list[Plan]:
        state, docket = self.state, self.docket
        docket.prune()
        waits_for_ends = docket.waits_for_ends
        is_quote = isinstance(event, QuoteUpdated)
        decisions = list(decided)
        timing = self._jury.timing
        for rule in rules:
            if rule.name in timing:
                self._follow_conditions(rule)
            found = self._asking.verdict(rule, state, event)
            if found:
                found = [self._as_configured(rule, decision) for decision in found]
                decisions += found
            if not waits_for_ends or found is None or rule.momentary:  # None: it broke, nothing is over for that
                continue
            if not (is_quote and rule.judges_quoted_only):
                docket.forget_ended(rule.name, {key_of_breach(decision) for decision in found})
        lost, stale = tell_lost(state), tell_stale(state)
        decisions += lost
        decisions += stale
        if waits_for_ends:
            docket.forget_ended(FEED_LOST, {key_of_breach(decision) for decision in lost})
            docket.forget_ended(QUOTES, {key_of_breach(decision) for decision in stale})
        fresh = [docket.what_is_new(decision) for decision in decisions if docket.is_news(decision)]
        is_quiet = is_quote and not fresh
        standing = None if is_quiet else self._standing(self._staying(fresh))
        plans = []
        wanted = [*fresh, standing] if standing is not None else fresh
        if enforced := [one for one in wanted if not one.shadow]:
            plans.append(self._enforce(enforced))
        if shadowed := [one for one in wanted if one.shadow]:
            plans.append(self._shadow(shadowed))
        return plans

    def _follow_conditions(self, rule: Rule) -> None:
        conditions = self._asking.conditions(rule, self.state)
        if conditions is not None:
            self.state.memory.clocks.follow(rule.name, conditions, self.state.now)

    def _as_configured(self, rule: Rule, decision: Decision) -> Decision:
        """Put the global modes into a rule's decision: shadow, and strict."""
        policy = self.state.policy
        if policy.shadow or rule.mode is RuleMode.SHADOW:
            decision = replace(decision, shadow=True)
        if policy.strict and decision.breach:
            lock = Lock(rule=rule.name, code=STRICT_MODE, mode=LockMode.FLAT, until=None)
            decision = replace(decision, actions=(*decision.actions, CloseAll(), CancelAll(), lock))
        return decision

    def _staying(self, fresh: Iterable[Decision]) -> Sequence[Lockout]:
        """List the locks in force without those that these decisions end."""
        by_key = self.state.lockouts.by_key
        if not by_key:
            return ()
        acting = [one for decision in fresh if not decision.shadow for one in decision.actions]
        ended = {lock.key for one in acting if isinstance(one, Unlock) for lock in self.docket.ending(one)}
        return [lock for key, lock in by_key.items() if key not in ended] if ended else tuple(by_key.values())

    def _standing(self, locks: Sequence[Lockout], besides: Sequence[Action] = ()) -> Decision | None:
        """Let locks in force act on what nothing else is taking care of, nor these actions."""
        wanted = wanted_by(locks, self.state) if locks else ()
        if all(action in besides for action in wanted):  # as with most locks: they want no more than their breach
            return None
        actions = settle_actions(wanted, self.state) if len(wanted) > 1 else wanted
        covered = self.state.memory.enforcements.under_way()
        if besides:
            covered.add(aims_of(besides, self.state))
        left = [action for action in actions if wants_of([action], self.state).less(covered)]
        return _standing_decision(left, self.state.policy) if left else None

    # what comes of it

    def _enforce(self, decisions: list[Decision]) -> Plan:
        actions = settle(decisions, self.state)
        self._unlock(actions)  # first: what was under way for these locks alone is so no more, and a new lock stays
        locks = settle_locks(decisions, self.state)
        begun = [new for lock, decision in locks if (new := self._put(lock, decision, actions)) is not None]
        if begun:
            left = self._standing(begun, actions)
            if left is not None:
                decisions = [*decisions, left]
                actions = settle(decisions, self.state)
        for action in actions:
            self.state.memory.stop_requests.note(action, self.state.now)
        for decision in decisions:
            self.docket.register(decision)
        return self._plan(decisions, (*actions, *(lock for lock, _ in locks)))

    def _unlock(self, actions: Iterable[Action]) -> None:
        for action in actions:
            if isinstance(action, Unlock):
                ended = {lock.key for lock in self.docket.ending(action)}
                self.state.lockouts.end(ended)
                self.state.memory.enforcements.end_with(ended)

    def _shadow(self, decisions: list[Decision]) -> Plan:
        for decision in decisions:
            # what a standing order would deal with is noted like a deed, so that what appears later is shown too
            self.docket.register(replace(decision, shadow=False) if decision.rule == LOCKOUT else decision)
        locks = (lock for lock, _ in settle_locks(decisions, self.state))
        plan = self._plan(decisions, (*settle(decisions, self.state), *locks))
        return replace(plan, shadow=True)

    def _put(self, lock: Lock, decision: Decision, plan: Sequence[Action]) -> Lockout | None:
        ceilings = ceilings_now(self.state, plan, decision.since) if lock.mode is LockMode.NO_NEW_RISK else {}
        return self.state.lockouts.put(lock, now=self.state.now, reason=decision.reason, ceilings=ceilings)

    def _plan(self, decisions: Sequence[Decision], actions: tuple[Action, ...]) -> Plan:
        ordered = tuple(sorted(decisions, key=key_of_breach))
        return Plan(at=self.state.now, account_id=self.state.account_id, decisions=ordered, actions=actions)


def _standing_decision(actions: Sequence[Action], policy: Policy) -> Decision:
    return Decision(rule=LOCKOUT, code=_STANDING[1], actions=tuple(actions), breach=False, shadow=policy.shadow)


_STANDING = (LOCKOUT, "LOCKOUT", "")
"""Under which the deeds of standing orders are on the docket."""


def _ends_of(removed: Iterable[str]) -> list[Decision]:
    """Let the locks of removed rules end whose end would have been a condition that nobody judges any more."""
    return [
        Decision(rule=name, code="RULE_REMOVED", actions=(Unlock(rule=name),), breach=False) for name in sorted(removed)
    ]
