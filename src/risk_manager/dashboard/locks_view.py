"""The locks in force with their reason and the time that is left, and every other countdown."""

from collections.abc import Iterator

from risk_manager.dashboard.account_view import lock_end
from risk_manager.dashboard.lines import Line, Span, Tone, gauge, section, spread, wrapped
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.watch_view import feed_lines
from risk_manager.dashboard.wording import length_of, lock_mode, moment, reason_words
from risk_manager.local_api.messages import LockEnded, LockStatus

_MEANS = {
    "flat": "Whatever you open or order in this scope is closed and cancelled at once.",
    "no_new_risk": "You may close and reduce what you hold; what would add to it is cancelled or closed.",
}


def locks_lines(look: Look) -> tuple[Line, ...]:
    """Every lock and countdown, then what was locked and unlocked lately."""
    rows: list[Line] = [section("Locks", look.width)]
    for lock in look.account.locks:
        rows += _lock(lock, look)
    if not look.account.locks:
        rows.append(_none(look))
    rows += _graces(look)
    rows += _wish(look)
    changes = tuple(one for one in look.known.happenings if isinstance(one.data, LockStatus | LockEnded))
    if changes:
        rows += [(), section("Lately", look.width)]
        rows += feed_lines(changes, account=look.account, now=look.now, width=look.width)
    return tuple(rows)


def _none(look: Look) -> Line:
    if look.known.away is not None or look.known.silence(look.now) is not None:
        return (Span("? none when the daemon was last heard; now it is not known", Tone.WARN),)
    return (Span("□ none: no lock forbids you to trade", Tone.GOOD),)


def _lock(lock: LockStatus, look: Look) -> Iterator[Line]:
    tone = Tone.BAD if lock.mode == "flat" else Tone.WARN
    mark, where = ("■" if lock.mode == "flat" else "◧"), "Account" if lock.root is None else lock.root
    what = Span(f"{mark} {where}: {lock_mode(lock.mode)}", tone)
    yield spread((what,), (Span(lock_end(lock, zone=look.zone, now=look.now), Tone.STRONG),), look.width)
    yield from wrapped((Span(f"  {reason_words(lock.rule, lock.reason)}"),), look.width, indent=2)
    since = moment(lock.since, zone=look.zone, now=look.now)
    if lock.until is None:
        yield (Span(f"  since {since}; only an admin can end it", Tone.MUTED),)
    else:
        whole = (lock.until - lock.since).total_seconds() or 1.0
        share = (look.now - lock.since).total_seconds() / whole
        yield (Span("  "), *gauge(share, min(look.width - 36, 60), tone=tone), Span(f"  since {since}", Tone.MUTED))
    yield from wrapped((Span(f"  {_MEANS.get(lock.mode, '')}", Tone.MUTED),), look.width, indent=2)


def _graces(look: Look) -> Iterator[Line]:
    """Count down to the close of every position without a stop."""
    bare = [held for held in look.account.positions if held.grace_until is not None]
    if bare:
        yield from ((), section("Without a stop", look.width))
    for held in bare:
        left = length_of((held.grace_until or look.now) - look.now)
        words = f"closed in {left}" if look.known.away is None else "nobody closes it while the daemon is away"
        yield spread(
            (Span(f"▲ {held.root} {held.side} {held.size}", Tone.WARN),), (Span(words, Tone.STRONG),), look.width
        )


def _wish(look: Look) -> Iterator[Line]:
    yield ()
    key = Span(" l ", Tone.STRONG, "lock_me_out")
    words = "locks you out for a time that you choose. Nothing on this screen ends or shortens a lock."
    yield from wrapped((key, Span(words, Tone.MUTED, "lock_me_out")), look.width, indent=3)
