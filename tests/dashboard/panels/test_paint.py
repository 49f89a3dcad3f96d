"""Lines as textual content."""

from risk_manager.dashboard.lines import Span, Tone
from risk_manager.dashboard.panels.paint import STYLES, painted


def test_lines_stand_below_each_other() -> None:
    assert painted(((Span("a"), Span("b", Tone.BAD)), (Span("c"),))).plain == "ab\nc"


def test_every_tone_has_its_style() -> None:
    assert set(STYLES) == set(Tone)


def test_brackets_are_text() -> None:
    assert painted(((Span("[red]x[/red]"),),)).plain == "[red]x[/red]"
