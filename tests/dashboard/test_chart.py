"""A course in braille dots."""

import pytest

from risk_manager.dashboard.chart import Course, Frame, Level, chart
from risk_manager.dashboard.lines import Line, Tone, length, plain

ZERO = Level(0.0, "0", Tone.MUTED, solid=True)
LIMIT = Level(-500.0, "−500", Tone.BAD)


def _drawn(course: Course, *levels: Level, beneath: Course = (), ends: float = 100.0) -> tuple[Line, ...]:
    ticks = ((0.0, "09:00"), (3.0, "09:02"), (50.0, "09:30"), (100.0, "10:00"))
    return chart(course, beneath=beneath, levels=levels, frame=Frame(0.0, ends, ticks), width=50, height=10)


def _dots(line: Line) -> str:
    return "".join(char for char in plain(line) if 0x2800 < ord(char) < 0x2900)


def test_it_fills_its_space_and_not_more() -> None:
    lines = _drawn(((0.0, 0.0), (50.0, -300.0)), ZERO, LIMIT)

    assert len(lines) == 10
    assert all(length(line) <= 50 for line in lines)


def test_levels_stand_where_they_belong_and_are_named() -> None:
    lines = [plain(line) for line in _drawn(((0.0, 0.0), (50.0, -300.0)), ZERO, LIMIT)]

    (zero,) = [row for row, line in enumerate(lines) if line.strip().startswith("0 ")]
    (limit,) = [row for row, line in enumerate(lines) if line.strip().startswith("−500")]
    assert zero < limit == 8
    assert len(set(lines[limit][-10:])) == len(set(lines[zero][-10:])) == 1


def _lowest_dot(lines: tuple[Line, ...], tone: Tone) -> int:
    """Count the rows of dots from the top down to the last one in this tone."""
    found = []
    for row, line in enumerate(lines):
        bits = 0
        for char in "".join(span.text for span in line if span.tone is tone):
            bits |= ord(char) - 0x2800 if 0x2800 < ord(char) < 0x2900 else 0
        pairs = ((0x01 | 0x08), (0x02 | 0x10), (0x04 | 0x20), (0x40 | 0x80))
        found += [row * 4 + dot for dot, pair in enumerate(pairs) if bits & pair]
    return max(found)


@pytest.mark.parametrize("short", range(480, 500))
def test_a_course_just_short_of_a_limit_is_never_drawn_past_it(short: int) -> None:
    limit = Level(-500.0, "−500", Tone.WARN)
    lines = _drawn(((0.0, 0.0), (50.0, -float(short)), (90.0, 0.0)), limit)
    assert _lowest_dot(lines, Tone.BAD) <= _lowest_dot(lines, Tone.WARN)


def test_a_value_holds_until_the_next() -> None:
    lines = _drawn(((0.0, 100.0), (50.0, -100.0)))
    above, below = _dots(lines[0]), _dots(lines[8])

    assert len(above) == len(below) + 1 == 21 or abs(len(above) - len(below)) <= 2
    assert all(_dots(line) for line in lines[:9]), "the fall itself is drawn"


def test_what_is_below_zero_has_another_tone_and_another_place() -> None:
    lines = _drawn(((0.0, 100.0), (50.0, -100.0)), ZERO)
    tones = {span.tone for line in lines for span in line if _dots((span,))}

    assert tones == {Tone.GOOD, Tone.BAD, ZERO.tone}


def test_what_lies_beneath_is_dotted_and_muted() -> None:
    main, beneath = ((0.0, 100.0),), ((0.0, -100.0),)
    lines = _drawn(main, beneath=beneath)
    muted = [span.text for line in lines for span in line if span.tone is Tone.MUTED and _dots((span,))]

    assert muted
    assert any(span.tone is Tone.GOOD and _dots((span,)) for line in lines for span in line)


def test_times_that_would_touch_are_left_out() -> None:
    last = plain(_drawn(((0.0, 1.0),))[-1])

    assert last.split() == ["09:00", "09:30", "10:00"]


def test_a_flat_line_at_zero_can_be_drawn() -> None:
    assert len(_drawn(((0.0, 0.0),))) == 10


def test_the_scale_is_told_at_the_top_and_at_the_bottom() -> None:
    lines = [plain(line) for line in _drawn(((0.0, 0.0), (50.0, -300.0)), ZERO)]

    assert lines[8].strip().startswith("−30")
