"""Commitment: what is stricter holds at once, what is looser waits.

A trader sets his limits in a calm hour and wants them gone in a bad one. What has once been in force for an
account stays in force until the time that he chose has passed, however the wish to loosen it came: by the admin,
by an edited file, by a restart.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from risk_manager.config.login_terms import Addresses, Login
from risk_manager.config.settling import settle
from risk_manager.config.terms import ACCOUNT, Change, Held, LoosenAfter, Pending, Terms


@dataclass(slots=True)
class Commitment:
    """What each account is held to, and what waits to loosen it."""

    held: dict[int, Held] = field(default_factory=dict)

    def wish(
        self, wanted: Mapping[int, Terms], now: datetime | None, let: Collection[tuple[int, Change]] = ()
    ) -> dict[int, Held]:
        """Take the configuration as it is written now; return what holds for each account from now on.

        `now` is the venue's time; while it is not known (None), nothing that waits comes into force but what is `let`.
        """
        settled = {
            account_id: self._wish(
                self.held.get(account_id),
                wanted.get(account_id),
                now,
                frozenset(change for one, change in let if one == account_id),
            )
            for account_id in sorted(self.held.keys() | wanted.keys())
        }
        self.held = {account_id: held for account_id, held in settled.items() if held is not None}
        return dict(self.held)

    def cancel(self, account_id: int, what: str | None = None) -> tuple[Change, ...]:
        """Let what waits for an account (None: all of it) wait no more, until the files ask for something else."""
        held = self.held.get(account_id)
        if held is None:
            return ()
        chosen = tuple(one.change for one in held.pending if what in (None, one.change.what))
        left = tuple(one for one in held.pending if one.change not in chosen)
        self.held[account_id] = replace(held, pending=left, cancelled=(*held.cancelled, *chosen))
        return chosen

    def prove(self, account_ids: Iterable[int], login: Login, gateway: Addresses) -> None:
        """Note that a venue took a login and lists accounts for it: from now on that is what they are held to."""
        for account_id in account_ids:
            held = self.held[account_id]
            terms = replace(held.terms, login=login, gateway=gateway)
            self.held[account_id] = replace(held, terms=terms, is_proven=True)

    def next_due(self, now: datetime) -> datetime | None:
        """Tell when, after `now`, the next waiting change comes into force."""
        waiting = (one.due_at for held in self.held.values() for one in held.pending)
        return min((due_at for due_at in waiting if due_at is not None and due_at > now), default=None)

    def _wish(
        self, known: Held | None, wanted: Terms | None, now: datetime | None, let: Collection[Change]
    ) -> Held | None:
        if known is None:
            return None if wanted is None else Held(wanted)
        if wanted is None:
            gone = Change(ACCOUNT, "watched", "left alone")
            waiting = _waiting([gone], known, now)
            if gone not in known.cancelled and _is_due(waiting[gone], known.terms, now):
                return None
            return _held(known, known.terms, waiting)
        known, wanted = _with_login_settled(known, wanted)
        stricter = settle(known.terms, wanted, lambda _: False)
        waiting = _waiting(_loosening(stricter, wanted), known, now)
        granted = {
            change
            for change, one in waiting.items()
            if change not in known.cancelled and (change in let or _is_due(one, known.terms, now))
        }
        terms = settle(stricter, wanted, granted.__contains__)
        # what was granted may make room for more that is stricter: a root's own limit, below what others now have
        terms = settle(terms, wanted, lambda _: False)
        # what is due but fits only together with what is not stays among what waits
        left = _waiting(_loosening(terms, wanted), replace(known, pending=tuple(waiting.values())), now)
        return _held(known, terms, left)


def _with_login_settled(known: Held, wanted: Terms) -> tuple[Held, Terms]:
    """Let a login that was never proven be another one at once; one whose key cannot be had is no wish.

    Nor is the same address written in another way: there might be nobody who answers to it.
    """
    if not known.is_proven:
        return replace(known, terms=replace(known.terms, login=wanted.login, gateway=wanted.gateway)), wanted
    if not wanted.login.mark and wanted.login.username == known.terms.login.username:
        wanted = replace(wanted, login=known.terms.login)
    if wanted.gateway.plain == known.terms.gateway.plain:
        wanted = replace(wanted, gateway=known.terms.gateway)
    return known, wanted


def _loosening(old: Terms, new: Terms) -> list[Change]:
    found: list[Change] = []

    def note(change: Change) -> bool:
        found.append(change)
        return False

    settle(old, new, note)
    return found


def _waiting(changes: Iterable[Change], known: Held, now: datetime | None) -> dict[Change, Pending]:
    """Let each change wait; one that has waited before goes on from there."""
    since = {one.change: one for one in known.pending}
    found = {}
    for change in changes:
        one = since.get(change) or Pending(change)
        if one.due_at is None and now is not None:
            one = Pending(change, now, _due(known.terms, now))
        found[change] = one
    return found


def _held(known: Held, terms: Terms, waiting: Mapping[Change, Pending]) -> Held:
    """Tell apart what waits and what was cancelled; what is not wished for any more is neither."""
    is_same_login = (terms.login, terms.gateway.plain) == (known.terms.login, known.terms.gateway.plain)
    return Held(
        terms,
        tuple(one for change, one in waiting.items() if change not in known.cancelled),
        tuple(dict.fromkeys(change for change in waiting if change in known.cancelled)),
        known.is_proven and is_same_login,
    )


def _is_due(one: Pending, terms: Terms, now: datetime | None) -> bool:
    if terms.loosen_after is LoosenAfter.NONE:
        return True
    return now is not None and one.due_at is not None and one.due_at <= now


def _due(terms: Terms, now: datetime) -> datetime:
    match terms.loosen_after:
        case LoosenAfter.NONE:
            return now
        case timedelta() as wait:
            return now + wait
    return terms.policy.calendar.day_of(now).ends_at
