"""The locks of an account: standing orders that outlive the breach that set them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from risk_manager.core.actions import Lock, LockMode

STRICT_MODE = "STRICT_MODE"
"""The reason code of the permanent lock that strict mode adds."""
ADMIN = "admin"
"""The rule of a lock that somebody set by hand."""

BY_HAND = "LOCKED_BY_HAND"
"""Its reason code."""

LockKey = tuple[str, str | None, LockMode, str]
"""Rule, root, mode and reason code: what tells locks apart."""


@dataclass(slots=True, kw_only=True)
class Lockout:
    """One lock. `root` None is the account less `except_roots`; `until` None has no end of its own."""

    rule: str
    code: str
    mode: LockMode
    root: str | None
    since: datetime
    until: datetime | None
    reason: str = ""
    except_roots: frozenset[str] = frozenset()
    ceilings: dict[str, int] = field(default_factory=dict)
    """Under `NO_NEW_RISK`: how much of each contract may be held, signed."""

    @property
    def key(self) -> LockKey:
        """What tells it from other locks."""
        return (self.rule, self.root, self.mode, self.code)

    def covers(self, root: str) -> bool:
        """Tell whether a product is in its scope."""
        return root not in self.except_roots if self.root is None else root == self.root

    def lower_ceiling(self, contract_id: str, *net_sizes: int) -> None:
        """Let the ceiling follow a position that shrinks to the largest of the sizes that it may have now.

        It never rises, and a position that is gone or has flipped has none.
        """
        ceiling = self.ceilings.get(contract_id)
        if ceiling is None:
            return
        sign = 1 if ceiling > 0 else -1
        left = max(sign * size for size in net_sizes)
        if left <= 0:
            del self.ceilings[contract_id]
        elif left < abs(ceiling):
            self.ceilings[contract_id] = sign * left


def key_of(lock: Lock) -> LockKey:
    """Tell which lock an action would set or lengthen."""
    return (lock.rule, lock.root, lock.mode, lock.code)


def _ends_later(wanted: datetime | None, known: datetime | None) -> bool:
    if known is None:
        return False
    return wanted is None or wanted > known


@dataclass(slots=True)
class Lockouts:
    """Locks by key."""

    by_key: dict[LockKey, Lockout] = field(default_factory=dict)

    def would_change(self, lock: Lock, now: datetime) -> bool:
        """Tell whether setting a lock begins, lengthens or widens one; what is over already does none of it."""
        if lock.until is not None and lock.until <= now:
            return False
        known = self.by_key.get(key_of(lock))
        return known is None or _ends_later(lock.until, known.until) or bool(known.except_roots - lock.except_roots)

    def put(self, lock: Lock, *, now: datetime, reason: str, ceilings: dict[str, int]) -> Lockout | None:
        """Set a lock, or lengthen and widen it; return it when it is new."""
        known = self.by_key.get(key_of(lock))
        if known is not None:
            if _ends_later(lock.until, known.until):
                known.until = lock.until
            known.except_roots &= lock.except_roots
            known.reason = reason
            return None
        new = Lockout(
            rule=lock.rule,
            code=lock.code,
            mode=lock.mode,
            root=lock.root,
            since=now,
            until=lock.until,
            reason=reason,
            except_roots=lock.except_roots,
            ceilings=ceilings,
        )
        self.by_key[new.key] = new
        return new

    def put_by_hand(self, until: datetime | None, *, now: datetime) -> bool:
        """Set a flat lock on the account that no rule asked for; tell whether that changes anything."""
        lock = Lock(rule=ADMIN, code=BY_HAND, mode=LockMode.FLAT, until=until)
        if not self.would_change(lock, now):
            return False
        self.put(lock, now=now, reason=lock.code, ceilings={})
        return True

    def take_back(self, lock: Lockout) -> bool:
        """Take in what another record has of a lock; tell whether it was not known here, or only as a lighter one.

        One that is said to have begun later here may be another, or one whose row was edited: the heavier holds.
        """
        known = self.by_key.get(lock.key)
        if known is None or known.since < lock.since:
            self.by_key[lock.key] = lock
            return True
        known.since = lock.since
        is_heavier = _ends_later(lock.until, known.until) or bool(known.except_roots - lock.except_roots)
        if _ends_later(lock.until, known.until):
            known.until = lock.until
        known.except_roots &= lock.except_roots
        # a ceiling only falls, and goes with its position: the lower one is the later one
        known.ceilings = {
            contract: min(ceiling, lock.ceilings[contract], key=abs)
            for contract, ceiling in known.ceilings.items()
            if contract in lock.ceilings
        }
        return is_heavier

    def expire(self, now: datetime) -> bool:
        """End what is over by now; tell whether anything was."""
        over = [key for key, lock in self.by_key.items() if lock.until is not None and lock.until <= now]
        for key in over:
            del self.by_key[key]
        return bool(over)

    def end(self, keys: Iterable[LockKey]) -> None:
        """End locks."""
        for key in keys:
            self.by_key.pop(key, None)

    def of_rule(self, rule: str, root: str | None = None) -> list[Lockout]:
        """List the locks that a rule has set, for a root or all of them."""
        return [lock for lock in self.by_key.values() if lock.rule == rule and root in (None, lock.root)]

    def next_end(self) -> datetime | None:
        """Tell when the next lock ends by itself."""
        return min((lock.until for lock in self.by_key.values() if lock.until is not None), default=None)
