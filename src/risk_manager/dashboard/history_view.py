"""What the daemon did and said, and one incident in full: the rule, the numbers, the milliseconds, the dollars."""

from collections.abc import Iterator

from risk_manager.dashboard.known import happened_at
from risk_manager.dashboard.lines import Line, Span, Tone, beside, fit_line, padded, section, wrapped
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.watch_view import STAGES, feed_lines, happening
from risk_manager.dashboard.wording import (
    amount,
    clock,
    deeds_words,
    measure,
    milliseconds,
    title,
    verdict_words,
)
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import EnforcementAction, Verdict

_LABEL = 16
_TODAY = 86_400.0


def incidents(look: Look) -> tuple[Message, ...]:
    """What concerns the account, the newest first."""
    return tuple(
        message for message in reversed(look.known.happenings) if message.account_id in (None, look.account.id)
    )


def history_lines(look: Look) -> tuple[Line, ...]:
    """The list with one row picked, and what was picked in full: beside it, or below where it is narrow."""
    found = incidents(look)
    if not found:
        return (section("History", look.width), (Span("nothing has happened yet", Tone.MUTED),))
    picked = min(look.picked, len(found) - 1)
    if look.is_wide:
        left = look.width * 11 // 20
        rows = _window(found, picked, look, width=left, height=look.height - 1)
        detail = tuple(_incident(found[picked], look, look.width - left - 3))
        return beside(
            (section(_title(found), left), *rows),
            (section("Incident", look.width - left - 3), *detail),
            left_width=left,
        )
    detail = tuple(_incident(found[picked], look, look.width))
    height = max(look.height - len(detail) - 2, 3)
    rows = _window(found, picked, look, width=look.width, height=height)
    return (section(_title(found), look.width), *rows, section("Incident", look.width), *detail)


def _title(found: tuple[Message, ...]) -> str:
    acted = sum(1 for one in found if isinstance(one.data, EnforcementAction) and one.data.state != "shadow")
    return f"History · {acted} enforced · ↑↓ picks"


def _window(found: tuple[Message, ...], picked: int, look: Look, *, width: int, height: int) -> tuple[Line, ...]:
    """Show the rows around the picked one."""
    first = min(max(picked - height // 2, 0), max(len(found) - height, 0))
    shown = enumerate(found[first : first + height], start=first)
    return tuple(_row(one, look, width, number=number, is_picked=number == picked) for number, one in shown)


def _row(message: Message, look: Look, width: int, *, number: int, is_picked: bool) -> Line:
    act = f"pick({number})"
    when = happened_at(message)
    time = "" if when is None else clock(when, look.zone)
    if when is not None and abs((look.now - when).total_seconds()) > _TODAY:
        time = f"{when.astimezone(look.zone):%d %b}  "
    if isinstance(message.data, EnforcementAction):
        label, tone = STAGES[message.data.state]
        why = "; ".join(verdict_words(each) for each in message.data.decisions) or "enforcement"
        words: Line = (Span(f"{label:<10}", tone), Span(f"{why}{_speed(message.data)}"))
    else:
        (line, *_) = happening(message, look.zone, look.now)
        words = (Span(f"{line[1].text.strip():<10}", line[1].tone), *line[2:])
    if is_picked:
        row = (Span(f"▸ {time:<9} "), *words)
        return padded(tuple(Span(span.text, Tone.PICKED, act) for span in fit_line(row, width)), width, Tone.PICKED)
    row = (Span(f"  {time:<9} ", Tone.MUTED), *words)
    return tuple(Span(span.text, span.tone, act) for span in fit_line(row, width))


def _speed(action: EnforcementAction) -> str:
    return "" if action.proven_ms is None else f" · {milliseconds(action.proven_ms)}"


def _incident(message: Message, look: Look, width: int) -> Iterator[Line]:
    if not isinstance(message.data, EnforcementAction):
        yield from feed_lines((message,), account=look.account, now=look.now, width=width)
        return
    action = message.data
    label, tone = STAGES[action.state]
    when = f"{clock(action.at, look.zone)} on {action.at.astimezone(look.zone):%a %Y-%m-%d}"
    yield fit_line((Span(f"{label}  ", tone), Span(when)), width)
    for verdict in action.decisions:
        yield from _verdict(verdict, width)
    yield from _fact("What was done", deeds_words(action.actions, zone=look.zone, now=look.now), width)
    yield from _times(action, width)
    past = "nothing" if action.past_limit is None or action.past_limit <= 0 else f"${amount(action.past_limit)}"
    if action.state in ("proven", "failed") and (action.past_limit is not None or _is_of_money(action)):
        yield from _fact("Past the limit", past if action.past_limit is not None else "not known", width)
    if action.detail:
        yield from _fact("In words", action.detail, width)


def _verdict(verdict: Verdict, width: int) -> Iterator[Line]:
    yield from _fact("Rule", f"{title(verdict.rule, verdict.subject)} ({verdict.rule})", width)
    yield from _fact("What happened", verdict_words(verdict), width)
    if verdict.measured is not None:
        against = "" if verdict.limit is None else f" against a limit of {measure(verdict.rule, verdict.limit)}"
        yield from _fact("Measured", f"{measure(verdict.rule, verdict.measured)}{against}", width)


def _times(action: EnforcementAction, width: int) -> Iterator[Line]:
    if action.state == "shadow":
        yield from _fact("In shadow", "nothing of it was done", width)
        return
    if action.first_request_ms is not None:
        first = f"{milliseconds(action.first_request_ms)} after TopstepX told of it"
        yield from _fact("First request", first, width)
    proof = {
        "proven": f"{milliseconds(action.proven_ms)}, by TopstepX's own lists",
        "failed": "none yet: TopstepX's lists do not show it",
        "started": "awaited",
    }[action.state]
    yield from _fact("Proof", proof, width)


def _is_of_money(action: EnforcementAction) -> bool:
    return any("loss" in verdict.rule and verdict.measured is not None for verdict in action.decisions)


def _fact(name: str, words: str, width: int) -> Iterator[Line]:
    first, *others = wrapped((Span(words),), max(width - _LABEL, 10), indent=0)
    yield (Span(f"{name:<{_LABEL}}", Tone.MUTED), *first)
    yield from ((Span(" " * _LABEL), *other) for other in others)
