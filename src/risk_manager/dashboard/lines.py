"""Lines of text with a tone for each piece: what every panel shows and every plain view prints."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from itertools import zip_longest


class Tone(Enum):
    """What a piece of text means; the words beside it always say it too."""

    PLAIN = "plain"
    MUTED = "muted"
    STRONG = "strong"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    GOOD_BADGE = "good_badge"
    WARN_BADGE = "warn_badge"
    BAD_BADGE = "bad_badge"
    PICKED = "picked"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; a click on it does what `act` names (empty: nothing)."""

    text: str
    tone: Tone = Tone.PLAIN
    act: str = ""


Line = tuple[Span, ...]


def plain(line: Line) -> str:
    """Read a line without its tones."""
    return "".join(span.text for span in line).rstrip()


def length(line: Line) -> int:
    """Count its characters."""
    return sum(len(span.text) for span in line)


def fit(text: str, width: int) -> str:
    """Cut what is too long, with an ellipsis."""
    if width <= 0:
        return ""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def fit_line(line: Line, width: int) -> Line:
    """Cut a line that is too long, with an ellipsis."""
    room, kept = width, []
    for span in line:
        if len(span.text) > room:
            kept.append(Span(fit(span.text, room), span.tone, span.act))
            break
        kept.append(span)
        room -= len(span.text)
    return tuple(kept)


def joined(parts: Iterable[Line], *, width: int, gap: str = "   ") -> Line:
    """Set pieces side by side; the later ones are left out where they do not fit."""
    line: Line = ()
    for part in parts:
        longer = (*line, Span(gap), *part) if line else part
        if line and length(longer) > width:
            break
        line = longer
    return line


def wrapped(line: Line, width: int, *, indent: int) -> tuple[Line, ...]:
    """Break a line that is too long between words; what follows is indented."""
    rows: list[list[Span]] = [[]]
    room = width
    for span in line:
        for word in re.findall(r"\s*\S+|\s+$", span.text):
            if len(word.rstrip()) > room and rows[-1]:
                rows.append([Span(" " * indent)])
                room = width - indent
                word = word.lstrip()  # noqa: PLW2901  the gap stays behind on the earlier row
            rows[-1].append(Span(word, span.tone, span.act))
            room -= len(word)
    return tuple(fit_line(tuple(row), width) for row in rows)


def padded(line: Line, width: int, tone: Tone = Tone.PLAIN) -> Line:
    """Cut or fill a line to exactly a width."""
    line = fit_line(line, width)
    missing = width - length(line)
    return (*line, Span(" " * missing, tone)) if missing > 0 else line


def spread(left: Line, right: Line, width: int, tone: Tone = Tone.PLAIN) -> Line:
    """Set two pieces at both ends; where there is no room for both, the right one goes first."""
    room = width - length(right) - 1
    if room < length(left):
        return padded(left, width, tone)
    return (*left, Span(" " * (width - length(left) - length(right)), tone), *right)


def section(title: str, width: int) -> Line:
    """Draw the heading of what follows."""
    return (Span(f"{fit(title, width - 2)} ", Tone.STRONG), Span("─" * max(width - len(title) - 1, 0), Tone.MUTED))


def beside(left: Iterable[Line], right: Iterable[Line], *, left_width: int, gap: int = 3) -> tuple[Line, ...]:
    """Set two columns side by side."""
    rows = zip_longest(left, right, fillvalue=())
    return tuple((*padded(one, left_width + gap), *other) if other else one for one, other in rows)


def gauge(share: float, width: int, *, tone: Tone, ticks: Iterable[float] = ()) -> Line:
    """Draw a share of a limit with ticks where people are warned."""
    used, rest = bar(share, width)
    at = {round(tick * width) - 1 - len(used) for tick in ticks}
    rest = "".join("┼" if index in at else char for index, char in enumerate(rest))
    return (Span(used, tone), Span(rest, Tone.MUTED))


def bar(share: float, width: int) -> tuple[str, str]:
    """Draw a share of a limit to half a character: what is used, and what is left; over the limit is full."""
    halves = int(Fraction(min(max(share, 0.0), 1.0)) * width * 2)
    full, half = divmod(halves, 2)
    used = "━" * full + "╸" * half
    return used, "─" * (width - len(used))
