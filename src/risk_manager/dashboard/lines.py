"""Lines of text with a tone for each piece: what every panel shows and every plain view prints."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction


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


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Span, ...]


def plain(line: Line) -> str:
    """Read a line without its tones."""
    return "".join(span.text for span in line).rstrip()


def length(line: Line) -> int:
    """Count its characters."""
    return sum(len(span.text) for span in line)


def fit(text: str, width: int) -> str:
    """Cut what is too long, with an ellipsis."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def fit_line(line: Line, width: int) -> Line:
    """Cut a line that is too long, with an ellipsis."""
    room, kept = width, []
    for span in line:
        if len(span.text) > room:
            kept.append(Span(fit(span.text, room), span.tone))
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
            rows[-1].append(Span(word, span.tone))
            room -= len(word)
    return tuple(fit_line(tuple(row), width) for row in rows)


def bar(share: float, width: int) -> tuple[str, str]:
    """Draw a share of a limit to half a character: what is used, and what is left; over the limit is full."""
    halves = int(Fraction(min(max(share, 0.0), 1.0)) * width * 2)
    full, half = divmod(halves, 2)
    used = "━" * full + "╸" * half
    return used, "─" * (width - len(used))
