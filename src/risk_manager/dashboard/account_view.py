"""May the trader trade, and how much room is left: one account as lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from risk_manager.core.rule import Measures
from risk_manager.core.rules import measures_of
from risk_manager.dashboard.known import Known
from risk_manager.dashboard.lines import Line, Span, Tone, fit, fit_line, gauge, joined, wrapped
from risk_manager.dashboard.wording import (
    age_of,
    amount,
    change,
    left_of,
    length_of,
    measure,
    moment,
    reason_words,
    title,
    zone_of,
)
from risk_manager.local_api.messages import AccountStatus, LockStatus, RuleStatus

NEAR = 0.9
WARNING = 0.7
FEED_GOOD = frozenset({"live", "connected", "up"})
"""States of a feed in which it tells."""
_ROOMY = 90
_LOSSES = frozenset({Measures.LOSS_OF_DAY, Measures.OPEN_LOSS})
BADGES = {Tone.GOOD: Tone.GOOD_BADGE, Tone.WARN: Tone.WARN_BADGE, Tone.BAD: Tone.BAD_BADGE}


@dataclass(frozen=True, slots=True)
class Answer:
    """May I trade? One word, its tone, and why or until when."""

    word: str
    tone: Tone
    why: str

    def lines(self, width: int) -> tuple[Line, ...]:
        """The answer as a badge with its reason."""
        first, *others = wrapped((Span(f"  {self.why}", self.tone),), width - len(self.word) - 2, indent=2)
        gap = Span(" " * (len(self.word) + 2))
        return ((Span(f" {self.word} ", BADGES[self.tone]), *first), *((gap, *other) for other in others))


def may_trade(account: AccountStatus, known: Known, *, now: datetime) -> Answer:
    """Answer the one question, the strictest reason first; what is not known is never called safe."""
    if known.away is not None:
        return Answer("? NOT KNOWN", Tone.BAD, "the daemon is away: nobody enforces your rules")
    silence = known.silence(now)
    if silence is not None:
        return Answer("? NOT KNOWN", Tone.BAD, f"the daemon has said nothing for {age_of(silence)}")
    if account.can_trade is False:
        return Answer("✖ NO TRADING", Tone.BAD, "TopstepX does not let this account trade")
    locks = sorted(account.locks, key=lambda lock: (lock.root is not None, lock.mode != "flat"))
    if locks and locks[0].root is None:
        word, tone = ("■ LOCKED", Tone.BAD) if locks[0].mode == "flat" else ("◧ NO NEW RISK", Tone.WARN)
        return Answer(word, tone, _until(locks[0], account, now))
    return _unlocked(account, known, locks)


def account_lines(account: AccountStatus, known: Known, *, now: datetime, width: int) -> tuple[Line, ...]:
    """The answer, the figures, and each limit with the room that is left."""
    measured = sorted(
        (rule for rule in account.rules if rule.utilization is not None), key=lambda rule: -(rule.utilization or 0)
    )
    return (
        *may_trade(account, known, now=now).lines(width),
        figures_line(account, now=now, width=width),
        *(rule_line(rule, width=width, warn_at=account.warn_at) for rule in measured),
        *_unmeasured(account, width),
    )


def summary_line(account: AccountStatus, known: Known, *, now: datetime, width: int) -> Line:
    """One account in one line, for the list of all of them."""
    answer = may_trade(account, known, now=now)
    money = Span(f"day {change(account.realized_pnl):>9}  open {change(account.unrealized_pnl):>9}")
    name, word = fit(account.nickname, 12), answer.word
    return fit_line((Span(f"{name:<12} "), Span(f"{word:<13}  ", answer.tone), money), width)


def figures_line(account: AccountStatus, *, now: datetime, width: int) -> Line:
    """Balance, the day's P&L, open P&L, both together, and the next reset."""
    parts: list[Line] = [
        (Span("Balance ", Tone.MUTED), Span(amount(account.balance), Tone.STRONG)),
        (Span("Day ", Tone.MUTED), Span(change(account.realized_pnl), Tone.STRONG)),
        (Span("Open ", Tone.MUTED), Span(change(account.unrealized_pnl), Tone.STRONG)),
    ]
    if account.realized_pnl is not None and account.unrealized_pnl is not None:
        together = change(account.realized_pnl + account.unrealized_pnl)
        parts.append((Span("Total ", Tone.MUTED), Span(together, Tone.STRONG)))
    if account.unmarked:
        parts.append((Span(f"▲ {len(account.unmarked)} without a price", Tone.WARN),))
    if account.next_reset is not None:
        parts.append((Span("Reset in ", Tone.MUTED), Span(length_of(account.next_reset - now))))
    return joined(parts, width=width, gap="  ")


def rule_line(rule: RuleStatus, *, width: int, warn_at: Sequence[float] = ()) -> Line:
    """A limit: its name, how much is used as a bar and as numbers, and what is left."""
    share = rule.utilization or 0.0
    tone = tone_of(share)
    name_room, numbers_room = (20, 18) if width < _ROOMY else (25, 21)
    numbers = f"{measure(rule.name, rule.measured)} of {measure(rule.name, rule.limit)}"
    room = min(max(width - name_room - 10 - numbers_room - 15, 8), 60)
    return fit_line(
        (
            Span(f"{_name(rule, name_room - 1):<{name_room}}"),
            *gauge(share, room, tone=tone, ticks=warn_at),
            Span(f" {_mark(tone)}{min(share, 99.99):>5.0%}  ", tone),
            Span(f"{numbers:<{numbers_room}} {left_of(rule)}"),
        ),
        width,
    )


def _name(rule: RuleStatus, room: int) -> str:
    """The rule's name, and whether it only watches."""
    name = title(rule.name, rule.subject)
    return f"{fit(name, room - 9)} (shadow)" if rule.mode == "shadow" else fit(name, room)


def tone_of(share: float) -> Tone:
    """How a utilization feels."""
    if share >= NEAR:
        return Tone.BAD
    return Tone.WARN if share >= WARNING else Tone.GOOD


def _mark(tone: Tone) -> str:
    return {Tone.BAD: "‼", Tone.WARN: "▲"}.get(tone, " ")


def _until(lock: LockStatus, account: AccountStatus, now: datetime) -> str:
    reason = reason_words(lock.rule, lock.reason)
    zone = zone_of(account.timezone)
    return f"{lock_end(lock, zone=zone, now=now)}  {reason}"


def lock_end(lock: LockStatus, *, zone: ZoneInfo, now: datetime) -> str:
    """Until when a lock holds, and how long that is."""
    if lock.until is None:
        return "without end"
    return f"until {moment(lock.until, zone=zone, now=now)}, {length_of(lock.until - now)} left"


def _unlocked(account: AccountStatus, known: Known, locks: list[LockStatus]) -> Answer:
    amiss = _amiss(known)
    if account.can_trade is None or amiss:
        why = amiss or "TopstepX has not said whether this account may trade"
        return Answer("? NOT KNOWN" if account.can_trade is None else "▲ WITH CARE", Tone.WARN, why)
    if locks:
        roots = ", ".join(sorted({lock.root for lock in locks if lock.root is not None}))
        return Answer("◧ MAY TRADE", Tone.WARN, f"but not {roots}")
    if account.mode == "shadow":
        return Answer("○ MAY TRADE", Tone.WARN, "in shadow: your rules are watched and nothing is enforced")
    nearest = nearest_limit(account)
    if nearest is None or not nearest.utilization:
        return Answer("● MAY TRADE", Tone.GOOD, "all limits are far away" if account.rules else "no limit is set")
    why = f"nearest limit: {title(nearest.name, nearest.subject)}, {left_of(nearest)}"
    if nearest.utilization >= WARNING:
        return Answer("▲ MAY TRADE", tone_of(nearest.utilization), why)
    return Answer("● MAY TRADE", Tone.GOOD, why)


def nearest_limit(account: AccountStatus) -> RuleStatus | None:
    """Find the limit of which the most is used; one that only watches counts where no other measures anything."""
    measured = [rule for rule in account.rules if rule.utilization is not None]
    enforced = [rule for rule in measured if rule.mode != "shadow"]
    return max(enforced or measured, key=lambda rule: rule.utilization or 0, default=None)


def room_left(account: AccountStatus) -> RuleStatus | None:
    """Find the limit on losses that leaves the fewest dollars; None where no loss is limited."""
    losses = [
        rule
        for rule in account.rules
        if measures_of(rule.name) in _LOSSES
        and rule.mode != "shadow"
        and rule.measured is not None
        and rule.limit is not None
    ]
    return min(losses, key=lambda rule: (rule.limit or 0) - (rule.measured or 0), default=None)


def _amiss(known: Known) -> str:
    """What keeps the daemon from watching all of it; empty when nothing does."""
    if known.snapshot is None:
        return ""
    daemon = known.snapshot.daemon
    if daemon.state != "live":
        if daemon.state == "degraded" and daemon.detail:
            return daemon.detail  # the line above has the word already
        return f"the daemon is {daemon.state}: {daemon.detail or 'not everything is watched'}"
    deaf = [f"the {feed.name} feed is {feed.state}" for feed in known.snapshot.feeds if feed.state not in FEED_GOOD]
    return ", ".join(deaf)


def _unmeasured(account: AccountStatus, width: int) -> tuple[Line, ...]:
    names = [title(rule.name, rule.subject) for rule in account.rules if rule.utilization is None]
    if not names:
        return ()
    return (fit_line((Span("Also watching: " + ", ".join(names), Tone.MUTED),), width),)


def heading(account: AccountStatus, known: Known, *, now: datetime) -> str:
    """The account's name, number and mode, and how old this is when nothing comes any more."""
    parts = [account.nickname, str(account.id)]
    if account.mode == "shadow":
        parts.append("SHADOW: nothing is enforced")
    if account.simulated is False:
        parts.append("live funded")
    if known.away is not None and known.heard_at is not None:
        parts.append(f"last known, {age_of(now - known.heard_at)} old")
    return " · ".join(parts)
