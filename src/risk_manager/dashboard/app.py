"""The trader's screen: follows the local API, and shows the view of what it tells."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer
from textual.widgets import Footer

from risk_manager.dashboard.known import Known, remembered_snapshot, told, told_away, told_snapshot
from risk_manager.dashboard.messages import Told
from risk_manager.dashboard.panels.lines_panel import ConnectionBar, LinesPanel
from risk_manager.dashboard.themes import DARK, LIGHT
from risk_manager.dashboard.view_state import Widths, account_shown, neighbour, view
from risk_manager.local_api.client import Away, follow
from risk_manager.local_api.frames import DEFAULT_PORT, Message
from risk_manager.local_api.messages import EnforcementAction, Snapshot
from risk_manager.local_api.quotes import MarketQuote

WIDE = 120
MAIN_PANELS = ("accounts", "account", "positions", "orders")
SIDE_PANELS = ("locks", "feed")
PAINT_AFTER = 0.05
"""Seconds until what happened is on the screen; what happens meanwhile is painted with it."""
PAINT_QUOTES_AFTER = 0.3
"""Seconds until prices are, which nobody reads faster."""

Source = Callable[[], AsyncGenerator[Snapshot | Message | Away, None]]


class TraderScreen(App[None]):
    """One screen: may I trade, and how much room is left.

    `now` tells the time (aware UTC). `last_known` reads what was stored, for when the daemon is away from the
    start; it may return None. `source` follows the daemon for ever.
    """

    TITLE = "Risk Manager"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  textual declares it on the instance
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,n", "next_account", "Next account", priority=True),
        Binding("d", "dark_or_light", "Dark/light"),
        Binding("b", "bell_or_quiet", "Bell on/off"),
        Binding("up,k", "scroll_body(-1)", "Scroll", show=False, priority=True),
        Binding("down,j", "scroll_body(1)", "Scroll", show=False, priority=True),
        Binding("pageup", "scroll_body(-10)", "Scroll", show=False, priority=True),
        Binding("pagedown", "scroll_body(10)", "Scroll", show=False, priority=True),
        Binding("q", "quit", "Quit"),
    ]
    CSS = """
    #body { height: 1fr; }
    #main, #side { width: 1fr; height: 1fr; scrollbar-size-vertical: 1; }
    .-narrow #body { layout: vertical; overflow-y: auto; scrollbar-size-vertical: 1; }
    .-narrow #main, .-narrow #side { height: auto; }
    .-wide LinesPanel { margin-bottom: 1; }
    .-wide #main { width: 60%; }
    .-wide #side { width: 40%; }
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        source: Source,
        account_id: int | None = None,
        last_known: Callable[[], Snapshot | None] | None = None,
    ) -> None:
        super().__init__()
        self._now = now
        self._source = source
        self._chosen = account_id
        self._last_known = last_known
        self._known = Known()
        self._painting: Timer | None = None
        self._painting_within = 0.0
        self._bell_on = False
        self._bar = ConnectionBar(id="connection")
        self._panels = {name: LinesPanel(id=name) for name in MAIN_PANELS + SIDE_PANELS}

    def compose(self) -> ComposeResult:
        """Name the panels and where they stand."""
        yield self._bar
        with Horizontal(id="body"):
            with VerticalScroll(id="main"):
                for name in MAIN_PANELS:
                    yield self._panels[name]
            with VerticalScroll(id="side"):
                for name in SIDE_PANELS:
                    yield self._panels[name]
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to follow."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self._paint()
        self.set_interval(1.0, self._paint)
        self.run_worker(self._follow(), exclusive=True)

    async def _follow(self) -> None:
        source = self._source()
        try:
            async for what in source:
                self.post_message(Told(what))
        finally:
            await source.aclose()

    def on_told(self, event: Told) -> None:
        """Fold in what was told, and paint soon."""
        now = self._now()
        match event.what:
            case Snapshot() as snapshot:
                self._known = told_snapshot(self._known, snapshot, at=now)
            case Away(why=why):
                self._known = told_away(self._known, why)
                self._remember()
            case Message(data=MarketQuote()) as quote:
                self._known = told(self._known, quote, at=now)
                self._paint_within(PAINT_QUOTES_AFTER)
                return
            case Message() as message:
                self._known = told(self._known, message, at=now)
                self._notice(message)
        self._paint_within(PAINT_AFTER)

    def on_resize(self) -> None:
        """The lines are made to measure."""
        self._paint_within(PAINT_AFTER)

    def action_next_account(self) -> None:
        """Show the next account."""
        self._chosen = neighbour(self._known, self._chosen)
        self._paint()

    def action_dark_or_light(self) -> None:
        """Change the face."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_bell_or_quiet(self) -> None:
        """Ring when the daemon acts, or do not."""
        self._bell_on = not self._bell_on
        self.notify("The bell rings when the daemon acts" if self._bell_on else "The bell is off", timeout=2)

    def action_scroll_body(self, rows: int) -> None:
        """Scroll whatever does not fit."""
        for name in ("#body", "#main", "#side"):
            self.query_one(name).scroll_relative(y=rows, animate=False)

    def _remember(self) -> None:
        if self._known.snapshot is None and self._last_known is not None:
            stored = self._last_known()
            if stored is not None:
                self._known = remembered_snapshot(self._known, stored)

    def _notice(self, message: Message) -> None:
        if isinstance(message.data, EnforcementAction) and message.data.state in ("started", "failed"):
            shown = account_shown(self._known, self._chosen)
            if shown is not None and shown.id == message.account_id:
                self._panels["account"].flash(1.0)
            if self._bell_on:
                self.bell()

    def _paint_within(self, seconds: float) -> None:
        if self._painting is not None and self._painting_within <= seconds:
            return
        if self._painting is not None:
            self._painting.stop()
        self._painting, self._painting_within = self.set_timer(seconds, self._paint), seconds

    def _paint(self) -> None:
        if self._painting is not None:
            self._painting.stop()
            self._painting = None
        if not self._bar.is_attached:  # the screen is being taken down, and a timer came late
            return
        shown = view(self._known, chosen=self._chosen, now=self._now(), widths=self._widths())
        self._bar.show(shown.connection)
        for name, panel in self._panels.items():
            panel.show(getattr(shown, name))

    def _widths(self) -> Widths:
        columns = self.size.width
        if columns < WIDE:
            return Widths(bar=columns - 2, main=columns - 3, side=columns - 3)
        main = columns * 6 // 10
        return Widths(bar=columns - 2, main=main - 3, side=columns - main - 3)


def open_screen(
    *,
    now: Callable[[], datetime],
    port: int = DEFAULT_PORT,
    account_id: int | None = None,
    last_known: Callable[[], Snapshot | None] | None = None,
) -> None:
    """Show the trader's screen until he leaves it."""
    TraderScreen(now=now, source=lambda: follow(port), account_id=account_id, last_known=last_known).run()
