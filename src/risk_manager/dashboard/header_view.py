"""What stands on top of every tab: the daemon, the answer with its reason, and the figures."""

from datetime import timedelta

from risk_manager.dashboard.account_view import (
    BADGES,
    FEED_GOOD,
    Answer,
    figures_line,
    may_trade,
    nearest_limit,
    room_left,
)
from risk_manager.dashboard.known import Known
from risk_manager.dashboard.lines import Line, Span, Tone, fit, padded, spread
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.watch_view import STAGES, latest_action, outcome
from risk_manager.dashboard.wording import (
    age_of,
    clock,
    length_of,
    lock_mode,
    measure,
    moment,
    reason_words,
    title,
    verdict_words,
)
from risk_manager.local_api.messages import AccountStatus, EnforcementAction, FeedStatus, LockStatus

DAEMON_STATES = {"live": ("● LIVE", Tone.GOOD), "starting": ("◌ STARTING", Tone.WARN), "down": ("✖ DOWN", Tone.BAD)}
NEWS_FOR = timedelta(seconds=10)
"""How long an enforcement that is over stays in the second line."""


def connection_line(known: Known, *, time: str, width: int, also: Line = ()) -> Line:
    """Is the daemon there, does it hear the venue, does it enforce; and what time it is."""
    spans = [Span(" Risk Manager  ", Tone.STRONG)]
    snapshot = known.snapshot
    if known.away is not None or snapshot is None:
        spans += [Span(" ✖ DAEMON AWAY ", Tone.BAD_BADGE), Span("  trying again", Tone.BAD)]
    else:
        word, tone = DAEMON_STATES.get(snapshot.daemon.state, (f"▲ {snapshot.daemon.state.upper()}", Tone.WARN))
        spans.append(Span(word, tone))
        spans += [_feed(feed) for feed in snapshot.feeds]
        spans += also or (_mode(snapshot.daemon.mode, strict=snapshot.daemon.strict),)
    return spread(tuple(spans), (Span(f"{time} ", Tone.STRONG),), width)


def header_lines(look: Look) -> tuple[Line, ...]:
    """The answer, why, and the figures: three lines on every tab; a lock is a banner."""
    answer = may_trade(look.account, look.known, now=look.now)
    lock = account_lock(look.account) if answer.word[0] in "■◧" else None
    first, second = _answer(answer, lock, look), _second(answer, lock, look)
    name = (*_name(look), Span(" "))
    if lock is not None or (answer.tone is Tone.BAD and not answer.word.endswith("MAY TRADE")):
        banner = BADGES[answer.tone]
        top = spread(_toned(first, banner), _toned(name, banner), look.width, banner)
        return (top, padded(_toned(second, banner), look.width, banner), _figures(look))
    return (spread(first, name, look.width), padded(second, look.width), _figures(look))


def _answer(answer: Answer, lock: LockStatus | None, look: Look) -> Line:
    if lock is not None:
        end = "without end" if lock.until is None else f"{length_of(lock.until - look.now)} left"
        until = "" if lock.until is None else f"  until {moment(lock.until, zone=look.zone, now=look.now)}"
        return (Span(f" {answer.word}  {end}", Tone.STRONG), Span(until))
    room = room_left(look.account)
    if look.known.away is not None:
        return (Span(f" {answer.word}  the daemon is away"),)
    badge = Span(f" {answer.word} ", BADGES[answer.tone])
    if answer.word[2:] not in ("MAY TRADE", "WITH CARE"):
        return (Span(" "), badge)
    if room is None or room.limit is None or room.measured is None:
        return (Span(" "), badge, Span("  no loss is limited", Tone.MUTED))
    left = measure(room.name, max(room.limit - room.measured, room.limit * 0))
    return (Span(" "), badge, Span(f"  {left} left", Tone.STRONG), Span(f" to {title(room.name, room.subject)}"))


def _second(answer: Answer, lock: LockStatus | None, look: Look) -> Line:
    """Say what is most urgent: what is being done, what will be closed, why it is locked, what is near."""
    action = latest_action(look, within=NEWS_FOR)
    if action is not None and look.known.away is None:
        label, tone = STAGES[action.state]
        why = "; ".join(verdict_words(each) for each in action.decisions)
        result = outcome(action)
        return (Span(f"   {label}  ", tone), Span(why + (f" · {result}" if result else "")))
    if look.known.away is not None:
        return (Span(f"   Nobody enforces your rules now{_age(look)}"),)
    grace = _grace(look)
    if grace is not None and lock is None:
        return grace
    if lock is not None:
        return (Span(f"   {lock_mode(lock.mode).capitalize()}. {reason_words(lock.rule, lock.reason)}"),)
    nearest = nearest_limit(look.account)
    if answer.tone is Tone.GOOD and nearest is not None and nearest.utilization:
        return (Span(f"   {answer.why} ({nearest.utilization:.0%} used)", Tone.MUTED),)
    return (Span(f"   {answer.why}", answer.tone if answer.tone is not Tone.GOOD else Tone.MUTED),)


def elsewhere(look: Look) -> Line:
    """Name the account, other than the one looked at, on which the daemon has just acted; nothing otherwise."""
    names = {} if look.known.snapshot is None else {one.id: one.nickname for one in look.known.snapshot.accounts}
    for message in reversed(look.known.happenings):
        action, account = message.data, message.account_id
        if not isinstance(action, EnforcementAction) or account in (None, look.account.id) or account not in names:
            continue
        if look.now - action.at >= NEWS_FOR:
            return ()
        label, tone = STAGES[action.state]
        return (Span(f"  {label} on {names[account] or account}", tone, f"show_account({account})"),)
    return ()


def _age(look: Look) -> str:
    heard_at = look.known.heard_at
    if heard_at is None:
        return ""
    when = moment(heard_at, zone=look.zone, now=look.now)
    return f". What you see is {age_of(look.now - heard_at)} old, of {when}"


def _grace(look: Look) -> Line | None:
    """Count down to the close of the position that has been longest without a stop."""
    bare = [held for held in look.account.positions if held.grace_until is not None]
    if not bare:
        return None
    first = min(bare, key=lambda held: held.grace_until or look.now)
    left = length_of((first.grace_until or look.now) - look.now)
    mode = next((rule.mode for rule in look.account.rules if rule.name == "no_stop_loss_grace"), "enforce")
    what = f"it is closed in {left}" if mode != "shadow" else f"in shadow: it would be closed in {left}"
    return (Span(f"   ▲ {first.root} has no stop: {what}", Tone.WARN),)


def account_lock(account: AccountStatus) -> LockStatus | None:
    """Find the lock on the whole account that counts: flat before no new risk, then the one that ends last."""
    locks = [lock for lock in account.locks if lock.root is None]
    flat = [lock for lock in locks if lock.mode == "flat"] or locks
    endless = [lock for lock in flat if lock.until is None]
    return endless[0] if endless else max(flat, key=lambda lock: lock.until or lock.since, default=None)


def _name(look: Look) -> Line:
    account, snapshot = look.account, look.known.snapshot
    count = 0 if snapshot is None else len(snapshot.accounts)
    parts = [fit(account.nickname, 16), str(account.id)] if account.nickname else [str(account.id)]
    if account.simulated is False:
        parts.append("live funded")
    if count > 1:
        parts.append(f"{[one.id for one in snapshot.accounts].index(account.id) + 1} of {count} ▸" if snapshot else "")
    return (Span(" · ".join(parts), Tone.PLAIN, "choose_account"),)


def _figures(look: Look) -> Line:
    return (Span("   "), *figures_line(look.account, now=look.now, width=look.width - 4))


def _toned(line: Line, tone: Tone) -> Line:
    return tuple(Span(span.text, tone, span.act) for span in line)


def _feed(feed: FeedStatus) -> Span:
    good = feed.state in FEED_GOOD
    return Span(
        f"  {feed.name} {'●' if good else '✖ ' + feed.state.replace('_', ' ')}", Tone.GOOD if good else Tone.BAD
    )


def _mode(mode: str, *, strict: bool) -> Span:
    if mode == "shadow":
        return Span("  ○ SHADOW: nothing is enforced", Tone.WARN)
    return Span("  enforcing, strict" if strict else "  enforcing", Tone.MUTED)


def time_of(look: Look) -> str:
    """Tell the time of day where the account's trading day is counted."""
    name = moment(look.now, zone=look.zone, now=look.now).rpartition(" ")[2]
    return f"{clock(look.now, look.zone)} {name}"
