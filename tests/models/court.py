"""A naive engine: it knows one account's history, asks the models of the rules, and keeps what was decided."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    Close,
    CloseAll,
    Lock,
    LockMode,
    MoveStop,
    PlaceStop,
    Reduce,
    Resize,
    Unlock,
    Warn,
)
from risk_manager.core.events import (
    ClockTicked,
    EnforcementFinished,
    Event,
    Feed,
    FeedLost,
    FeedRestored,
    LockCleared,
    LockRequested,
    PolicyChanged,
    QuoteUpdated,
    Reconciled,
    Restarted,
)
from risk_manager.core.rule import Rule, RuleMode
from tests.models.history import Asked, History, root

Key = tuple[str, str | None, LockMode, str]
Deed = tuple[str, str | int, int]
"""One thing under way: what (close, reduce, cancel, resize), of which contract or order, to which size.

A position is named by its contract and the event with which it began.
"""
LOCKOUT = "lockout"
STRICT = "STRICT_MODE"
_OF_TRADES = frozenset({"trade_frequency_limit", "cooldown_after_loss"})
"""Their breaches are fills: they have no end, and come back with a further half-turn only."""


@dataclass(frozen=True)
class Wanted:
    """What a rule's model wants for one breach."""

    rule: str
    code: str
    actions: tuple[Action, ...]
    subject: str = ""
    measured: Decimal | int | None = None
    limit: Decimal | int | None = None
    severity: Decimal | int | None = None
    breach: bool = True
    anew: bool = False
    since: datetime | None = None
    """When the fill was made that led to it, where the rule says."""

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.rule, self.code, self.subject)


@dataclass
class Standing:
    """A lock in force; `ceilings` are signed."""

    rule: str
    code: str
    mode: LockMode
    until: datetime | None
    root: str | None
    except_roots: frozenset[str]
    ceilings: dict[str, int]
    begun: datetime
    events: int = 0
    """How many events were known when it began."""

    @property
    def key(self) -> Key:
        return (self.rule, self.root, self.mode, self.code)

    def covers(self, contract: str) -> bool:
        return root(contract) not in self.except_roots if self.root is None else root(contract) == self.root


class Model(Protocol):
    """The naive model of one rule."""

    def judges(self, event: Event) -> bool:
        """Tell whether such an event concerns the rule."""

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterable[Wanted]:
        """Judge what has come of the history; every breach there is."""

    def instants(self, history: History) -> Iterable[datetime]:
        """Name instants at which time alone may matter; too many do no harm."""


@dataclass(frozen=True)
class Verdict:
    """What was decided at one instant for one account."""

    at: datetime
    rules: frozenset[str]
    actions: frozenset[Action]
    shadow: bool = False


@dataclass
class Record:
    """The enforcement of one breach: which things it named are still there."""

    deeds: set[Deed] = field(default_factory=set)
    locks: set[Key] = field(default_factory=set)
    severity: Decimal | int | None = None


@dataclass
class Court:
    """The naive engine for one account."""

    history: History
    models: dict[str, "tuple[Rule, Model]"]
    now: datetime
    build: Callable[[Rule], Model]
    locks: dict[Key, Standing] = field(default_factory=dict)
    records: dict[tuple[str, str, str], Record] = field(default_factory=dict)
    cleared: dict[tuple[str, str, str], Decimal | int | None] = field(default_factory=dict)
    shadowed: set[tuple[str, str, str]] = field(default_factory=set)
    breaching: set[tuple[str, str, str]] = field(default_factory=set)
    lock_ended: bool = False

    def tell(self, event: Event) -> list[Verdict]:
        """Take an event in, after everything that falls due before it."""
        found = [] if isinstance(event, Restarted) else self.fall_due(event.at)
        return found + self._step(event)

    def fall_due(self, end: datetime) -> list[Verdict]:
        """Let time pass, with every instant at which something falls due."""
        found: list[Verdict] = []
        while (at := min(self._instants(end), default=None)) is not None:
            found += self._step(ClockTicked(at=at))
        return found

    def _instants(self, end: datetime) -> Iterator[datetime]:
        candidates = [lock.until for lock in self.locks.values() if lock.until is not None]
        if self.history.events:
            for _, model in self.models.values():
                candidates += model.instants(self.history)
            blind, after = self.history.blind_since, self.history.policy.flatten_after
            if blind is not None and after is not None:
                candidates.append(blind + after)
            candidates.append(self.history.day_of(self.now)[1])
        return (one for one in candidates if self.now < one <= end)

    def _step(self, event: Event) -> list[Verdict]:
        self.history = self.history.then(event)
        self.now = max(self.now, event.at)
        locks = {key: one.until for key, one in self.locks.items()}
        self._take_note(event)
        if isinstance(event, LockRequested) and locks == {key: one.until for key, one in self.locks.items()}:
            return []
        if isinstance(event, Restarted | LockCleared) or (isinstance(event, EnforcementFinished) and event.ok):
            return []  # nothing has happened on the account
        if isinstance(event, FeedLost | FeedRestored) and event.feed is Feed.MARKET:
            return []  # nor by a feed that tells of no account
        decided = self._decide(event)
        return self._settle(decided)

    # what is known of decisions

    def _take_note(self, event: Event) -> None:  # noqa: C901 - one case an event
        before = len(self.locks)
        self.locks = {key: one for key, one in self.locks.items() if one.until is None or one.until > self.now}
        self.lock_ended = len(self.locks) != before
        self._lower_ceilings()
        for record in self.records.values():
            record.deeds = {deed for deed in record.deeds if not self._done(deed)}
        match event:
            case EnforcementFinished(ok=True, contract_id=contract):
                for record in self.records.values():
                    record.deeds = {deed for deed in record.deeds if contract and not self._is_about(deed, contract)}
            case EnforcementFinished(contract_id=None):
                self.records.clear()
            case Restarted():
                self.records.clear()
                self.shadowed.clear()
            case EnforcementFinished(contract_id=contract):
                self._fail(contract or "")
            case LockCleared():
                self._clear(event.rule, event.root)
            case LockRequested():
                by_hand = Lock(rule="admin", code="LOCKED_BY_HAND", mode=LockMode.FLAT, until=event.until)
                if self._changes(by_hand):
                    self._set(by_hand, reduced={})
            case PolicyChanged():
                self._change(event)
        for key, record in list(self.records.items()):
            record.locks &= self.locks.keys()
            if not record.deeds and not record.locks:
                del self.records[key]

    def _fail(self, contract: str) -> None:
        for key, record in list(self.records.items()):
            left = {deed for deed in record.deeds if not self._is_about(deed, contract)}
            if left != record.deeds:
                record.deeds = left
                if not left:
                    del self.records[key]

    def _change(self, event: PolicyChanged) -> None:
        rules = event.policies[self.history.account_id].rules
        self.models = {rule.name: (rule, self.build(rule)) for rule in rules}
        self.shadowed.clear()
        before = self.history.earlier
        if before is not None and before.policy.shadow is not self.history.policy.shadow:
            self.records = {key: one for key, one in self.records.items() if key[0] != LOCKOUT}

    def _clear(self, rule: str, of_root: str | None) -> None:
        ended = {key for key, one in self.locks.items() if one.rule == rule and of_root in {None, one.root}}
        for key in ended:
            del self.locks[key]
        for breach in [breach for breach, record in self.records.items() if record.locks & ended]:
            severity = self.records.pop(breach).severity
            if breach in self.breaching or breach[0] in _OF_TRADES:  # another is over, and a new matter when it is back
                self.cleared[breach] = severity
        still = self._names(self._standing(self.locks.values()))
        for breach, record in list(self.records.items()):
            if breach[0] == LOCKOUT:
                record.deeds &= still
                if not record.deeds:
                    del self.records[breach]

    def _lower_ceilings(self) -> None:
        """Let ceilings fall to the most that a position may be by now, by reports or by all fills."""
        before = self.history.earlier.positions if self.history.earlier else {}
        for lock in self.locks.values():
            for contract, ceiling in list(lock.ceilings.items()):
                old, held = before.get(contract), self.history.positions.get(contract)
                net = held.net if held else 0
                sign = 1 if ceiling > 0 else -1
                most = max(sign * net, sign * (net + self.history.unseen_fills(contract)))
                is_another = old is not None and held is not None and old.since != held.since
                if most <= 0 or (is_another and held and held.opened is not None and held.opened > lock.begun):
                    lock.ceilings[contract] = 0
                elif most < abs(ceiling):
                    lock.ceilings[contract] = sign * most
                lock.ceilings[contract] = self._replayed(lock, contract, lock.ceilings[contract])

    def _replayed(self, lock: Standing, contract: str, ceiling: int) -> int:
        """Play the fills since a lock began up to what a full picture shows; none of them, where some are missing."""
        picture, told = self.history.last, self.history.told_positions.get(contract)
        if not isinstance(picture, Reconciled) or told is None or told.told_at != (picture.as_of or picture.at):
            return ceiling
        sizes = self._sizes_since(lock.begun, contract, told.told_at)
        if ceiling * sizes[0] < ceiling * ceiling:
            return ceiling
        return max(0, min(ceiling, *sizes)) if ceiling > 0 else min(0, max(ceiling, *sizes))

    def _sizes_since(self, instant: datetime, contract: str, as_of: datetime) -> list[int]:
        """List the sizes from an instant on that fills have made until what a picture shows."""
        dated = [(self.history.filled_at(one), one) for one in self.history.trades if one.contract_id == contract]
        fills = sorted((at, one.trade_id, one.side.sign * one.size) for at, one in dated if instant < at <= as_of)
        sizes = [self.history.told_positions[contract].net - sum(size for _, _, size in fills)]
        for _, _, size in fills:
            sizes.append(sizes[-1] + size)
        return sizes

    def _there_since(self, since: datetime, contract: str, picture: Reconciled) -> int:
        """Tell how much of what a picture shows was there when a fill set a lock, and all the time after it."""
        told = self.history.told_positions.get(contract)
        as_of = picture.as_of or picture.at
        if told is None or told.told_at != as_of:
            return (told.net if told else 0) + self.history.unseen_fills(contract, since)
        if told.opened is not None and since + timedelta(seconds=1) < told.opened <= self._first_seen(contract):
            return 0
        sizes = self._sizes_since(since, contract, as_of)
        return max(0, min(told.net, *sizes)) if told.net > 0 else min(0, max(told.net, *sizes))

    def _first_seen(self, contract: str) -> datetime:
        return self.history.events[self.history.told_positions[contract].since].at

    def _done(self, deed: Deed) -> bool:
        what, of, size = deed
        if what in {"close", "reduce"}:
            contract = str(of).partition("@")[0]
            held = self.history.positions.get(contract)
            if held is None or self._held_as(contract) != of:
                return True
            return what == "reduce" and held.size <= size
        order = self.history.working.get(int(of))
        if order is None:
            return True
        return what == "resize" and order.size <= size

    def _is_about(self, deed: Deed, contract: str) -> bool:
        what, of, _ = deed
        if what in {"close", "reduce"}:
            return str(of).partition("@")[0] == contract
        order = self.history.orders.get(int(of))
        return order is not None and order.contract_id == contract

    # decisions

    def _decide(self, event: Event) -> list[tuple[Wanted, bool]]:
        failed = isinstance(event, EnforcementFinished) and not event.ok
        everything = isinstance(event, Reconciled | PolicyChanged) or failed or self._time_changed_something(event)
        decided = self._ends_of_removed() if isinstance(event, PolicyChanged) else []
        silent = isinstance(event, QuoteUpdated) and not self._tells(event)
        looks_again = self._ends_a_silence(event)
        running = [deed for record in self.records.values() for deed in record.deeds]
        for contract in self.history.positions:
            of = self._held_as(contract)
            sizes = [size for what, one, size in running if what in {"close", "reduce"} and one == of]
            if sizes:
                self.history.going[contract] = min(sizes)
        for rule, model in self.models.values():
            is_silent = silent and not (looks_again and rule.name == "trade_management")
            if not everything and (is_silent or not model.judges(event)):
                continue
            wants = model.wants(self.history, list(self.locks.values()))
            wanted = [one for one in wants if not self._is_of_closing(one)]
            shadow = rule.mode is RuleMode.SHADOW or self.history.policy.shadow
            locking = [one for one in wanted if any(isinstance(action, Lock) for action in one.actions)]
            lasting = {one.key for one in wanted if one.breach or shadow or one in locking}
            if rule.name == "trade_management" and isinstance(event, QuoteUpdated):
                self.breaching |= lasting  # a quote says nothing of the stops of other contracts
            elif getattr(model, "momentary", False):
                self.breaching |= lasting  # what one trade has done is done, whatever the next one does
            else:
                self._forget_ended(rule.name, lasting)
            wanted = [self._strictly(one) for one in wanted]
            decided += [(self._new_in(one), shadow) for one in wanted if self._is_news(one, shadow=shadow)]
        blind, after = self.history.blind_since, self.history.policy.flatten_after
        if silent:
            return decided
        if blind and after and self.now >= blind + after and self.history.positions:
            lost = Wanted("feed_lost", "FEED_LOST", (CloseAll(), CancelAll()))
            self.breaching.add(lost.key)
            if self._is_news(lost, shadow=self.history.policy.shadow):
                decided.append((lost, self.history.policy.shadow))
        else:
            self._forget_ended("feed_lost", set())
        return decided

    def _strictly(self, wanted: Wanted) -> Wanted:
        """Add what strict mode asks for beside a breach."""
        if not (self.history.policy.strict and wanted.breach):
            return wanted
        forever = Lock(rule=wanted.rule, code=STRICT, mode=LockMode.FLAT, until=None)
        return replace(wanted, actions=(*wanted.actions, CloseAll(), CancelAll(), forever))

    def _is_of_closing(self, wanted: Wanted) -> bool:
        """Tell whether a stop is asked for in a contract that is being closed; nobody looks after that."""
        if wanted.rule != "trade_management":
            return False
        (deed,) = wanted.actions
        contract = deed.contract_id if isinstance(deed, PlaceStop) else self.history.orders[deed.order_id].contract_id  # type: ignore[union-attr] # a stop's
        held = self.history.positions.get(contract)
        if held is None or (isinstance(deed, Cancel) and self.history.working[deed.order_id].side.sign == held.sign):
            return False
        return self._in_force(("close", self._held_as(contract), 0))

    def _ends_of_removed(self) -> list[tuple[Wanted, bool]]:
        """End the locks whose condition nobody judges any more."""
        gone = {one.rule for one in self.locks.values() if one.code != STRICT} - self.models.keys()
        ended = gone & {"auth_loss_guard", "symbol_blocks"}
        return [(Wanted(rule, "RULE_REMOVED", (Unlock(rule=rule),), breach=False), False) for rule in sorted(ended)]

    def _time_changed_something(self, event: Event) -> bool:
        """Tell whether a lock or a trading day has just ended."""
        before = self.history.earlier
        if not isinstance(event, ClockTicked) or before is None or not before.events:
            return False
        return self.lock_ended or before.day_of(before.now) != self.history.day_of(self.now)

    def _tells(self, event: QuoteUpdated) -> bool:
        """Tell whether a quote changed a price of something that is held."""
        before = self.history.earlier
        contract = event.contract_id
        changed = before is None or before.prices(contract) != self.history.prices(contract)
        return changed and contract in self.history.positions

    def _ends_a_silence(self, event: Event) -> bool:
        """Tell whether a quote of something that is held came after one that had grown stale."""
        before = self.history.earlier
        if not isinstance(event, QuoteUpdated) or event.contract_id not in self.history.positions or before is None:
            return False
        heard = before.heard_at(event.contract_id)
        return heard is not None and heard + self.history.policy.stale_after <= self.now

    def _forget_ended(self, rule: str, still: set[tuple[str, str, str]]) -> None:
        for key in [key for key in self.breaching if key[0] == rule and key not in still]:
            self.breaching.discard(key)
            self.shadowed.discard(key)
            self.cleared.pop(key, None)
        self.breaching |= still

    def _is_news(self, wanted: Wanted, *, shadow: bool) -> bool:
        if shadow and wanted.key in self.shadowed:
            return False
        if wanted.key in self.cleared:
            before = self.cleared[wanted.key]
            grown = wanted.severity if wanted.severity is not None else wanted.measured
            if before is None or grown is None or grown <= before:
                return False
        if any(isinstance(one, Unlock) for one in wanted.actions):
            return True
        record = self.records.get(wanted.key)
        asked = self._asks(wanted.actions)
        lengthens = any(isinstance(one, Lock) and self._changes(one) for one in wanted.actions)
        if record is not None and lengthens and (wanted.anew or self._rule_has_changed(wanted.rule)):
            return True
        if record is not None:
            severity = wanted.severity if wanted.severity is not None else wanted.measured
            if severity is not None and (record.severity is None or severity > record.severity):
                record.severity = severity
            return any(not self._in_force(deed) for deed in asked)
        begins = any(isinstance(one, Lock) and self._changes(one) for one in wanted.actions)
        return begins or any(not isinstance(one, Lock | Warn) for one in wanted.actions)

    def _new_in(self, wanted: Wanted) -> Wanted:
        """Leave out what this breach's enforcement has under way already."""
        record = self.records.get(wanted.key)
        if record is None or not record.deeds or self._rule_has_changed(wanted.rule):
            return wanted
        new = {(what, of) for what, of, size in self._asks(wanted.actions) if not _is_named((what, of, size), record)}
        left = []
        for action in wanted.actions:
            match action:
                case Close(contract) | Reduce(contract):
                    what = "close" if isinstance(action, Close) else "reduce"
                    if contract not in self.history.positions or (what, self._held_as(contract)) not in new:
                        continue
                case Cancel(order) | Resize(order):
                    if ("cancel" if isinstance(action, Cancel) else "resize", order) not in new:
                        continue
            left.append(action)
        return replace(wanted, actions=tuple(left))

    def _rule_has_changed(self, name: str) -> bool:
        """Tell whether the last event was a reload under which a rule has other settings than before."""
        before = self.history.earlier
        if not isinstance(self.history.last, PolicyChanged) or before is None:
            return False
        old = [one for one in before.policy.rules if one.name == name]
        return bool(old) and old != [one for one in self.history.policy.rules if one.name == name]

    def _held_as(self, contract: str) -> str:
        """Name a position: its contract, and the event with which it began."""
        return f"{contract}@{self.history.positions[contract].since}"

    def _names(self, actions: Iterable[Action]) -> set[Deed]:
        """List what is under way once these are asked for: the orders of a contract that is closed go with it."""
        actions = list(actions)
        asked = self._asks(actions)
        closing = {str(of).partition("@")[0] for what, of, _ in asked if what == "close"}
        closing |= {one.contract_id for one in actions if isinstance(one, Close)}
        return asked | {("cancel", key, 0) for key, one in self.history.working.items() if one.contract_id in closing}

    def _asks(self, actions: Iterable[Action]) -> set[Deed]:  # noqa: C901 - one case an action
        """List what these ask for; a close covers the cancels of its contract."""
        actions = list(actions)
        closing = {one.contract_id for one in actions if isinstance(one, Close)}
        if CloseAll() in actions:  # it beats them, and closes what is held
            closing = set(self.history.positions)
        found: set[Deed] = set()
        for action in actions:
            match action:
                case CloseAll():
                    found |= {("close", self._held_as(key), 0) for key in self.history.positions}
                case CancelAll():
                    orders = self.history.working.items()
                    found |= {("cancel", key, 0) for key, one in orders if one.contract_id not in closing}
                case Close(contract):
                    if contract in self.history.positions:
                        found.add(("close", self._held_as(contract), 0))
                case Reduce(contract, to):
                    if contract in self.history.positions:
                        found.add(("reduce", self._held_as(contract), to))
                case Cancel(order):
                    if self.history.working[order].contract_id not in closing:
                        found.add(("cancel", order, 0))
                case Resize(order, size):
                    found.add(("resize", order, size))
        return found

    def _in_force(self, deed: Deed) -> bool:
        what, of, size = deed
        running = {one for record in self.records.values() for one in record.deeds}
        if what in {"close", "reduce"}:
            closing = any(one[0] == "close" and one[1] == of for one in running)
            return closing or (what == "reduce" and any(one[:2] == deed[:2] and one[2] <= size for one in running))
        if any(one[0] == "cancel" and one[1] == of for one in running):
            return True
        return what == "resize" and any(one[:2] == deed[:2] and one[2] <= size for one in running)

    def _changes(self, lock: Lock) -> bool:
        old = self.locks.get((lock.rule, lock.root, lock.mode, lock.code))
        if lock.until is not None and lock.until <= self.now:
            return False
        if old is None or old.except_roots - lock.except_roots:
            return True
        return old.until is not None and (lock.until is None or lock.until > old.until)

    # plans

    def _settle(self, decided: list[tuple[Wanted, bool]]) -> list[Verdict]:  # noqa: C901, PLR0912 - told in one go
        actions: set[Action] = set()
        names: set[str] = set()
        shown = [wanted for wanted, shadow in decided if shadow]
        for wanted, shadow in decided:
            if shadow:
                continue
            actions |= {one for one in wanted.actions if not isinstance(one, Warn)}
            if not all(isinstance(one, Warn) for one in wanted.actions):
                names.add(wanted.rule)
            self.records.setdefault(wanted.key, Record())
            severity = wanted.severity if wanted.severity is not None else wanted.measured
            record = self.records[wanted.key]
            if severity is not None and (record.severity is None or severity > record.severity):
                record.severity = severity
            self.cleared.pop(wanted.key, None)
        for unlock in [one for one in actions if isinstance(one, Unlock)]:
            for key, lock in list(self.locks.items()):
                if lock.rule == unlock.rule and unlock.root in {None, lock.root} and lock.code != STRICT:
                    del self.locks[key]
                    self.records = {breach: one for breach, one in self.records.items() if key not in one.locks}
        old_keys, old_locks = set(self.locks), list(self.locks.values())
        # a price moves nothing that is held
        quiet = isinstance(self.history.last, QuoteUpdated) and not decided
        standing = {
            one
            for one in self._tidy(self._standing([] if quiet else old_locks))
            if not all(map(self._in_force, self._asks([one])))
        }
        reduced = {one.contract_id: one.to for one in actions if isinstance(one, Reduce)}
        reduced |= {one.contract_id: 0 for one in actions if isinstance(one, Close)}
        if CloseAll() in actions:
            reduced |= dict.fromkeys(self.history.told_positions, 0)
        locks = {one for one in actions if isinstance(one, Lock)}
        kept = _longest({one for one in locks if self._changes(one)})
        for new in kept:
            fills = [one.since for one, shadow in decided if one.since and not shadow and _wants_lock(one, new)]
            self._set(new, reduced=reduced, since=min(fills, default=None))
        own = actions - locks
        covered = self._names(own)
        new_locks = [one for key, one in self.locks.items() if key not in old_keys]
        for one in self._tidy(self._standing(new_locks)):
            if not all(self._in_force(deed) or self._covered(deed, covered) for deed in self._asks([one])):
                standing.add(one)
        for wanted, shadow in decided:
            if not shadow:
                self.records[wanted.key].locks |= {
                    (one.rule, one.root, one.mode, one.code) for one in wanted.actions if isinstance(one, Lock)
                } & self.locks.keys()
                self.records[wanted.key].deeds |= self._names(wanted.actions)
        in_shadow: set[Action] = set()
        if standing:
            if self.history.policy.shadow:
                in_shadow, standing = standing, set()
            else:
                names.add(LOCKOUT)
            for action in standing | in_shadow:
                for deed in self._names([action]):
                    self.records.setdefault((LOCKOUT, "", f"{deed[0]} {deed[1]}"), Record()).deeds.add(deed)
        for breach in [breach for breach, one in self.records.items() if not one.deeds and not one.locks]:
            del self.records[breach]
        shadows = self._show(shown, in_shadow)
        if not names:
            return shadows
        final = self._tidy(own | standing)
        for one in final:
            if isinstance(one, MoveStop | PlaceStop):
                self.history.asked.append(Asked(self.now, len(self.history.events), one))
        return [Verdict(self.now, frozenset(names), final | kept), *shadows]

    def _show(self, shown: Sequence[Wanted], standing: set[Action]) -> list[Verdict]:
        """Tell what would have been done in shadow, by rules and by locks that were in force before."""
        names = {one.rule for one in shown} | ({LOCKOUT} if standing else set())
        actions = {action for one in shown for action in one.actions if not isinstance(action, Warn)}
        kept = _longest({one for one in actions if isinstance(one, Lock) and self._changes(one)})
        for wanted in shown:
            self.records.pop(wanted.key, None)
            self.shadowed.add(wanted.key)
        deeds = self._tidy({one for one in actions if not isinstance(one, Lock)} | standing)
        return [Verdict(self.now, frozenset(names), deeds | kept, shadow=True)] if names else []

    def _covered(self, deed: Deed, by: set[Deed]) -> bool:
        what, of, size = deed
        if what in {"close", "reduce"}:
            return any(one[0] == "close" and one[1] == of for one in by) or any(
                what == one[0] == "reduce" and one[1] == of and one[2] <= size for one in by
            )
        contract = self.history.orders[int(of)].contract_id
        named = self._held_as(contract) if contract in self.history.positions else contract
        if what == "resize" and any(one[0] == "reduce" and one[1] == named for one in by):
            return True
        return any((one[0] == "close" and one[1] == named) or (one[0] == "cancel" and one[1] == of) for one in by)

    def _tidy(self, actions: set[Action]) -> frozenset[Action]:
        closing = {one.contract_id for one in actions if isinstance(one, Close)}
        gone = closing | (set(self.history.positions) if CloseAll() in actions else set())
        reduced = {one.contract_id for one in actions if isinstance(one, Reduce)}
        kept: set[Action] = set()
        for action in actions:
            match action:
                case Close() | Reduce() if CloseAll() in actions:
                    continue
                case Reduce(contract, to):
                    lower = any(
                        isinstance(one, Reduce) and one.contract_id == contract and one.to < to for one in actions
                    )
                    if contract in gone or lower:
                        continue
                case Cancel(order) | Resize(order):
                    if CancelAll() in actions or self.history.orders[order].contract_id in gone:
                        continue
                    of = self.history.orders[order].contract_id
                    if isinstance(action, Resize) and (Cancel(order) in actions or of in reduced):
                        continue
                case PlaceStop() | MoveStop() if self._could_flip(action, gone, reduced):
                    continue
            kept.add(action)
        return frozenset(kept)

    def _could_flip(self, deed: PlaceStop | MoveStop, gone: set[str], reduced: set[str]) -> bool:
        """Tell whether a stop would be there for more than is left."""
        if isinstance(deed, PlaceStop):
            return deed.contract_id in gone | reduced
        known = self.history.orders[deed.order_id]
        return known.contract_id in gone or (known.contract_id in reduced and (deed.size or 0) > known.size)

    # locks

    def _set(self, lock: Lock, *, reduced: dict[str, int], since: datetime | None = None) -> None:
        key = (lock.rule, lock.root, lock.mode, lock.code)
        if key in self.locks:
            old = self.locks[key]
            forever = None in {lock.until, old.until}
            until = None if forever else max(one for one in (lock.until, old.until) if one is not None)
            self.locks[key] = replace(old, until=until, except_roots=old.except_roots & lock.except_roots)
            return
        ceilings: dict[str, int] = {}
        told = self.history.told_positions
        contracts = set(told) | {one.contract_id for one in self.history.trades}
        contracts |= {one.contract_id for one in self.history.orders.values()}
        upto = max((one.at for one in self.history.learned_trades), default=None)
        for contract in contracts:
            held = told.get(contract)
            net = (held.net if held else 0) + self.history.unseen_fills(contract, upto)
            picture = self.history.last
            if since is not None and isinstance(picture, Reconciled):
                net = self._there_since(since, contract, picture)
            if contract in reduced and abs(net) > reduced[contract]:
                net = reduced[contract] * (1 if net > 0 else -1)
            ceilings[contract] = net
        self.locks[key] = Standing(
            lock.rule,
            lock.code,
            lock.mode,
            lock.until,
            lock.root,
            lock.except_roots,
            ceilings,
            self.now,
            len(self.history.events),
        )

    def _standing(self, locks: Iterable[Standing]) -> set[Action]:
        found: set[Action] = set()
        for lock in locks:
            positions = {key: one for key, one in self.history.positions.items() if lock.covers(key)}
            orders = {key: one for key, one in self.history.working.items() if lock.covers(one.contract_id)}
            if lock.mode is LockMode.FLAT:
                found |= {Close(contract) for contract in positions} | {Cancel(order) for order in orders}
            else:
                found |= set(self._no_new_risk(lock))
        return found

    def _no_new_risk(self, lock: Standing) -> Iterator[Action]:
        history = self.history
        for contract, held in history.positions.items():
            if not lock.covers(contract):
                continue
            ceiling = lock.ceilings.get(contract, 0)
            expected = held.net + history.unseen_fills(contract)
            if expected == 0 or (expected * ceiling > 0 and abs(expected) <= abs(ceiling)):
                continue  # what is too much has been given back already
            if ceiling * held.net <= 0:
                yield Close(contract)
            elif held.size > abs(ceiling):
                yield Reduce(contract, abs(ceiling))
        for order_id, order in history.working.items():
            if not lock.covers(order.contract_id):
                continue
            now = history.positions.get(order.contract_id)
            net = now.net if now else 0
            unseen = history.unseen_fills(order.contract_id)
            if (net + unseen) * order.side.sign >= 0:
                yield Cancel(order_id)
            elif order.remaining > abs(net) and not history.half_seen(order.contract_id):
                yield Resize(order_id, order.filled_size + abs(net))


def _wants_lock(wanted: Wanted, lock: Lock) -> bool:
    """Tell whether a lock of the same kind is among what is wanted."""
    kinds = [(one.rule, one.root, one.mode, one.code) for one in wanted.actions if isinstance(one, Lock)]
    return (lock.rule, lock.root, lock.mode, lock.code) in kinds


def _is_named(deed: Deed, record: Record) -> bool:
    """Tell whether an enforcement aims at this much of the same thing, or at more."""
    what, of, size = deed
    stronger = {"close": {"close"}, "reduce": {"close", "reduce"}, "cancel": {"cancel"}, "resize": {"cancel", "resize"}}
    return any(one[0] in stronger[what] and one[1] == of and one[2] <= size for one in record.deeds)


def _longest(locks: set[Lock]) -> set[Lock]:
    """Keep of several locks of the same kind the one that ends last."""
    return {one for one in locks if not any(_is_longer(other, one) for other in locks)}


def _is_longer(lock: Lock, than: Lock) -> bool:
    """Tell whether one of two locks of the same kind ends later."""
    if (lock.rule, lock.root, lock.mode, lock.code) != (than.rule, than.root, than.mode, than.code):
        return False
    return than.until is not None and (lock.until is None or lock.until > than.until)
