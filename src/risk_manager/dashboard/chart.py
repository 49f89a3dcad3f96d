"""A course drawn in braille dots between its limits, as lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from risk_manager.dashboard.lines import Line, Span, Tone

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bits of a braille character: left column and right column, from the top."""
_BRAILLE = 0x2800
_GUTTER = 10
"""Columns for the scale."""

Course = tuple[tuple[float, float], ...]
"""Instants and values; a value holds until the next."""


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the chart: what it stands for is said in `label`; a `solid` one has no gaps."""

    value: float
    label: str
    tone: Tone = Tone.MUTED
    solid: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What a chart shows: from when to when, and what is written below; after `known_until` nothing is drawn."""

    begins: float
    ends: float
    ticks: tuple[tuple[float, str], ...] = ()
    known_until: float = inf


def chart(
    course: Course, *, beneath: Course, levels: tuple[Level, ...], frame: Frame, width: int, height: int
) -> tuple[Line, ...]:
    """Draw a course as a line, another beneath it as dots, and levels across; below stand the times."""
    columns, rows = max(width - _GUTTER, 4), max(height - 1, 2)
    low, high = _range([value for _, value in (*course, *beneath)], [level.value for level in levels])
    canvas = _Canvas(columns, rows, low, high)
    canvas.draw(beneath, frame, every=3, is_main=False)
    canvas.draw(course, frame, every=1, is_main=True)
    across = {canvas.row_of(level.value): level for level in reversed(levels)}
    scale = {row: canvas.value_of(row) for row in (0, rows - 1)}
    lines = [_row(canvas, row, across.get(row), scale.get(row)) for row in range(rows)]
    return (*lines, _times(frame, columns))


class _Canvas:
    """Dots, two by four in each cell."""

    def __init__(self, columns: int, rows: int, low: float, high: float) -> None:
        self.columns, self.rows, self._low, self._high = columns, rows, low, high
        self.cells = [[0] * columns for _ in range(rows)]
        self.is_main = [[False] * columns for _ in range(rows)]

    def row_of(self, value: float) -> int:
        """Find the row of cells in which a value lies."""
        return self._dot_of(value) // 4

    def value_of(self, row: int) -> float:
        """Tell the value in the middle of a row of cells."""
        return self._high - (row * 4 + 1.5) / (self.rows * 4 - 1) * (self._high - self._low)

    def _dot_of(self, value: float) -> int:
        share = (self._high - value) / (self._high - self._low)
        return min(max(round(share * (self.rows * 4 - 1)), 0), self.rows * 4 - 1)

    def mark_of(self, level: Level) -> int:
        """Draw a level within its row of cells: in the very dots that a course at its value has, not in the middle."""
        dot = self._dot_of(level.value) % 4
        return _DOTS[0][dot] | (_DOTS[1][dot] if level.solid else 0)

    def draw(self, course: Course, frame: Frame, *, every: int, is_main: bool) -> None:
        """Draw a course, in every so manieth column of dots."""
        for column, (least, most) in _columns(course, frame, self.columns * 2):
            if column % every and least == most:
                continue
            for dot in range(self._dot_of(most), self._dot_of(least) + 1):
                self.cells[dot // 4][column // 2] |= _DOTS[column % 2][dot % 4]
                self.is_main[dot // 4][column // 2] |= is_main


def _columns(course: Course, frame: Frame, count: int) -> Iterator[tuple[int, tuple[float, float]]]:
    """Tell the lowest and the highest value within each column of dots, the one before included."""
    index, held = 0, None
    width = (frame.ends - frame.begins) / count
    for column in range(count):
        if frame.begins + column * width > frame.known_until:
            return
        end = frame.begins + (column + 1) * width
        seen = [] if held is None else [held]
        while index < len(course) and course[index][0] <= end:
            held = course[index][1]
            seen.append(held)
            index += 1
        if seen:
            yield column, (min(seen), max(seen))


def _range(values: Sequence[float], levels: Sequence[float]) -> tuple[float, float]:
    """Choose the scale: everything is on it, with some air."""
    low, high = min((0.0, *values, *levels)), max((0.0, *values, *levels))
    air = (high - low) * 0.06 or 1.0
    return low - air, high + air


def _row(canvas: _Canvas, row: int, level: Level | None, value: float | None) -> Line:
    label = level.label if level is not None else "" if value is None else f"{value:+,.0f}".replace("-", "−")
    spans: list[Span] = [Span(f"{label:>{_GUTTER - 2}} ", level.tone if level else Tone.MUTED), Span("│", Tone.MUTED)]
    zero, mark = canvas.row_of(0.0), 0 if level is None else canvas.mark_of(level)
    for column in range(canvas.columns):
        bits = canvas.cells[row][column]
        if bits:
            tone = Tone.MUTED if not canvas.is_main[row][column] else Tone.GOOD if row <= zero else Tone.BAD
            text = chr(_BRAILLE + (bits | mark))
        else:
            text, tone = (" ", Tone.PLAIN) if level is None else (chr(_BRAILLE + mark), level.tone)
        if spans[-1].tone is tone and len(spans) > 1:
            spans[-1] = Span(spans[-1].text + text, tone)
        else:
            spans.append(Span(text, tone))
    return tuple(spans)


def _times(frame: Frame, columns: int) -> Line:
    """Write the times below where they belong; one that would touch its neighbour is left out."""
    text = [" "] * columns
    free = 0
    for at, label in frame.ticks:
        place = round((at - frame.begins) / (frame.ends - frame.begins) * (columns - 1)) - len(label) // 2
        place = min(max(place, 0), columns - len(label))
        if place >= free and place >= 0:
            text[place : place + len(label)] = label
            free = place + len(label) + 2
    return (Span(" " * _GUTTER), Span("".join(text), Tone.MUTED))
