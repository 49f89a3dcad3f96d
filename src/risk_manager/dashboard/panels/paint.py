"""Lines as textual content: the tones in the colours of the theme."""

from collections.abc import Sequence

from textual.content import Content

from risk_manager.dashboard.lines import Line, Tone

STYLES = {
    Tone.PLAIN: "$foreground",
    Tone.MUTED: "$foreground 60%",
    Tone.STRONG: "bold $foreground",
    Tone.GOOD: "$success",
    Tone.WARN: "$warning",
    Tone.BAD: "bold $error",
    Tone.GOOD_BADGE: "bold $background on $success",
    Tone.WARN_BADGE: "bold $background on $warning",
    Tone.BAD_BADGE: "bold $background on $error",
}


def painted(lines: Sequence[Line]) -> Content:
    """Set lines below each other."""
    return Content("\n").join(Content.assemble(*((span.text, STYLES[span.tone]) for span in line)) for line in lines)
