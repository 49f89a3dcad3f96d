"""A piece of the screen that shows lines: it paints the rows that changed, and runs what is clicked."""

from itertools import zip_longest
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from risk_manager.dashboard.lines import Line, Tone


class LinesArea(ScrollView):
    """Shows lines as they are, one a row; what is longer than the area scrolls."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{tone.value.replace('_', '-')}" for tone in Tone}
    DEFAULT_CSS = """
    LinesArea { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; background: $background;
        & > .lines--plain { color: $foreground; }
        & > .lines--muted { color: $foreground 62%; }
        & > .lines--strong { color: $foreground; text-style: bold; }
        & > .lines--good { color: $success; }
        & > .lines--warn { color: $warning; }
        & > .lines--bad { color: $error; text-style: bold; }
        & > .lines--good-badge { color: $background; background: $success; text-style: bold; }
        & > .lines--warn-badge { color: $background; background: $warning; text-style: bold; }
        & > .lines--bad-badge { color: $background; background: $error; text-style: bold; }
        & > .lines--picked { color: $foreground; background: $primary; text-style: bold; }
        & > .lines--key { color: $secondary; text-style: bold; }
    }
    LinesArea.flash { background: $error 40%; }
    """
    can_focus = False

    def __init__(self, *, id: str) -> None:  # noqa: A002  textual's own name
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._made: dict[int, Strip] = {}
        self._made_for = 0
        self._styles: dict[Tone, Style] = {}
        self._blank: Style | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown now."""
        return self._lines

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show lines; rows that stay the same are not painted."""
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            self.virtual_size = Size(self.size.width, len(lines))
        changed = [row for row, (old, new) in enumerate(zip_longest(before, lines)) if old != new]
        if not changed:
            return
        for row in changed:
            self._made.pop(row, None)
        top, (width, height) = self.scroll_offset.y, self.size
        if regions := [Region(0, row - top, width, 1) for row in changed if 0 <= row - top < height]:
            self.refresh(*regions)

    def notify_style_update(self) -> None:
        """Forget what was painted in other colours."""
        super().notify_style_update()
        self._made.clear()
        self._styles.clear()
        self._blank = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Give rows as they stand, each made once.

        textual's own way leads through borders, padding and links, which there are none of here, and for every row on
        the screen whenever one has changed.
        """
        width, top = self.size.width, self.scroll_offset.y
        if width != self._made_for:
            self._made.clear()
            self._made_for = width
        strips: list[Strip] = []
        for y in crop.line_range:
            strip = self._made.get(top + y)
            if strip is None:
                strip = self._made[top + y] = self._filtered(self.render_line(y))
            strips.append(strip)
        return strips if crop.column_span == (0, width) else [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        row = self.scroll_offset.y + y
        if self._blank is None:
            self._blank = self.rich_style
        line = self._lines[row] if row < len(self._lines) else ()
        return self._painted(line).crop_extend(0, self.size.width, self._blank)

    def _filtered(self, strip: Strip) -> Strip:
        """Take what the terminal cannot show out of a row: colours, where there are none."""
        for each in self.get_line_filters():
            strip = strip.apply_filter(each, self.background_colors[1])
        return strip

    def on_click(self, event: Click) -> None:
        """Run what the clicked piece names."""
        row, column = self.scroll_offset.y + event.y, event.x
        for span in self._lines[row] if 0 <= row < len(self._lines) else ():
            if column < len(span.text):
                if span.act:
                    self.call_later(self.app.run_action, span.act)
                return
            column -= len(span.text)

    def flash(self, seconds: float) -> None:
        """Draw the eye for a moment."""
        self.add_class("flash")
        self.set_timer(seconds, lambda: self.remove_class("flash"))

    def _painted(self, line: Line) -> Strip:
        return Strip([Segment(span.text, self._style(span.tone)) for span in line])

    def _style(self, tone: Tone) -> Style:
        """Look a tone up, and work it out the first time: that is slow."""
        style = self._styles.get(tone)
        if style is None:
            name = f"lines--{tone.value.replace('_', '-')}"
            style = self._styles[tone] = self.get_component_rich_style(name)
        return style
