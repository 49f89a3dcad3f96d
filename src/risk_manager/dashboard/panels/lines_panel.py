"""A framed panel that shows the lines it is given."""

from textual.widgets import Static

from risk_manager.dashboard.lines import Line
from risk_manager.dashboard.panels.paint import painted
from risk_manager.dashboard.view_state import Panel


class LinesPanel(Static):
    """Shows a `Panel`; hides when it has no lines, and paints only what changed."""

    DEFAULT_CSS = """
    LinesPanel { height: auto; padding: 0 1; border-top: solid $primary; border-title-color: $foreground;
                 border-title-style: bold; }
    LinesPanel.flash { background: $error 30%; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002  textual's own name
        super().__init__("", id=id, markup=False)
        self._shown: Panel | None = None

    def show(self, panel: Panel) -> None:
        """Show a panel."""
        if panel == self._shown:
            return
        self._shown = panel
        self.display = bool(panel.lines)
        self.border_title = panel.title.replace("[", "(")
        self.update(painted(panel.lines))

    def flash(self, seconds: float) -> None:
        """Draw the eye for a moment."""
        self.add_class("flash")
        self.set_timer(seconds, lambda: self.remove_class("flash"))


class ConnectionBar(Static):
    """The first line of the screen: the daemon, its feeds, the time."""

    DEFAULT_CSS = "ConnectionBar { height: 1; padding: 0 1; background: $panel; }"

    def show(self, line: Line) -> None:
        """Show the line."""
        self.update(painted((line,)))
