"""A framed panel that shows lines."""

from textual.app import App, ComposeResult

from risk_manager.dashboard.lines import Span
from risk_manager.dashboard.panels.lines_panel import ConnectionBar, LinesPanel
from risk_manager.dashboard.view_state import Panel


class Stage(App[None]):
    """Holds one of each."""

    def compose(self) -> ComposeResult:
        yield ConnectionBar(id="bar")
        yield LinesPanel(id="panel")


async def test_a_panel_shows_its_title_and_lines() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        panel = app.query_one(LinesPanel)
        panel.show(Panel("Locks [ES]", ((Span("none"),), (Span("at all"),))))
        await pilot.pause()

        assert str(panel.render()) == "none\nat all"
        assert str(panel.border_title) == "Locks (ES]"
        assert panel.display


async def test_a_panel_without_lines_is_not_there() -> None:
    app = Stage()
    async with app.run_test():
        panel = app.query_one(LinesPanel)
        panel.show(Panel("", ()))

        assert not panel.display


async def test_a_flash_goes_by_itself() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        panel = app.query_one(LinesPanel)
        panel.flash(0.01)
        assert panel.has_class("flash")
        while panel.has_class("flash"):
            await pilot.pause(0.01)


async def test_the_bar_shows_its_line() -> None:
    app = Stage()
    async with app.run_test():
        app.query_one(ConnectionBar).show((Span("LIVE"),))

        assert str(app.query_one(ConnectionBar).render()) == "LIVE"
