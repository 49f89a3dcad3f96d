"""The screen's two faces."""

import pytest
from textual.color import Color
from textual.theme import Theme

from risk_manager.dashboard.themes import DARK, LIGHT


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_tone_can_be_read_on_its_background(theme: Theme) -> None:
    background = Color.parse(str(theme.background))
    for colour in (theme.foreground, theme.success, theme.warning, theme.error):
        assert _contrast(Color.parse(str(colour)), background) >= 4.5


def _contrast(one: Color, other: Color) -> float:
    """The ratio of WCAG 2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
