"""Every rule: whether it acts, how near its limits are, and how it is set."""

from collections.abc import Iterator

from risk_manager.dashboard.account_view import rule_line
from risk_manager.dashboard.lines import Line, Span, Tone, fit_line, section, wrapped
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.wording import title
from risk_manager.local_api.messages import RuleStatus
from risk_manager.local_api.pending import pending_text


def rules_lines(look: Look) -> tuple[Line, ...]:
    """All rules in the order in which they are judged, with their limits and settings."""
    by_name: dict[str, list[RuleStatus]] = {words.name: [] for words in look.account.rulebook}
    for rule in look.account.rules:
        by_name.setdefault(rule.name, []).append(rule)
    if not by_name:
        return (section("Rules", look.width), (Span("no rule is enabled: nothing limits you", Tone.WARN),))
    return (
        section(_heading(look), look.width),
        *(line for name, limits in by_name.items() for line in _rule(name, limits, look)),
        *_pending(look),
    )


def _heading(look: Look) -> str:
    if not look.account.warn_at:
        return "Rules"
    return f"Rules · ┼ warns at {' and '.join(f'{one:.0%}' for one in look.account.warn_at)}"


def _pending(look: Look) -> Iterator[Line]:
    """List what would loosen a limit and waits for its time."""
    if look.account.pending:
        yield from ((), section("Waits, as it would loosen a limit", look.width))
    for change in look.account.pending:
        mark = Span("◷ " if change.state == "waiting" else "□ ", Tone.WARN)
        yield from wrapped((mark, Span(pending_text(change, look.zone))), look.width, indent=2)


def _rule(name: str, limits: list[RuleStatus], look: Look) -> Iterator[Line]:
    words = next((one for one in look.account.rulebook if one.name == name), None)
    mode = words.mode if words is not None else next((rule.mode for rule in limits), "enforce")
    measured = [rule for rule in limits if rule.utilization is not None]
    for rule in measured:
        yield rule_line(rule, width=look.width, warn_at=look.account.warn_at)
    if not measured:
        state = Span("● watching", Tone.GOOD) if mode == "enforce" else Span("○ watching", Tone.WARN)
        yield fit_line((Span(f"{title(name):<{20 if look.width < 90 else 25}}"), state), look.width)  # noqa: PLR2004  as rule_line
    acts = Span("  enforced", Tone.MUTED) if mode == "enforce" else Span("  ○ shadow: only told", Tone.WARN)
    settings = "" if words is None else words.settings.replace("_", " ")
    yield from wrapped((acts, Span(f" · {settings}" if settings else "", Tone.MUTED)), look.width, indent=4)
