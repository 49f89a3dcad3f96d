"""A piece of the screen that shows lines."""

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from risk_manager.dashboard.lines import Line, Span, Tone
from risk_manager.dashboard.panels.lines_area import LinesArea


class Stage(App[None]):
    """Holds one area, and notes what is clicked."""

    CSS = "LinesArea { height: 4; }"

    def __init__(self) -> None:
        super().__init__()
        self.clicked: list[int] = []

    def compose(self) -> ComposeResult:
        yield LinesArea(id="area")

    def action_note(self, number: int) -> None:
        self.clicked.append(number)


class Painted(LinesArea):
    """Notes which rows it paints."""

    def __init__(self) -> None:
        super().__init__(id="area")
        self.painted: list[str] = []

    def _painted(self, line: Line):  # type: ignore[no-untyped-def]  # noqa: ANN202  the strip is textual's
        self.painted.append("".join(span.text for span in line))
        return super()._painted(line)


class PaintedStage(Stage):
    """Holds an area that notes what it paints."""

    def compose(self) -> ComposeResult:
        yield Painted()


def _rows(*texts: str) -> tuple[Line, ...]:
    return tuple((Span(text, Tone.STRONG),) for text in texts)


def _on_screen(area: LinesArea) -> str:
    """Read the first row as the screen takes it."""
    (strip,) = area.render_lines(Region(0, 0, area.size.width, 1))
    return strip.text.rstrip()


def _shown(area: LinesArea, row: int) -> str:
    return "".join(segment.text for segment in area.render_line(row)).rstrip()


async def test_lines_are_shown_one_a_row_and_cut_at_the_edge() -> None:
    app = Stage()
    async with app.run_test(size=(20, 8)) as pilot:
        area = app.query_one(LinesArea)
        area.show(_rows("one", "x" * 30))
        await pilot.pause()

        assert [_shown(area, row) for row in range(3)] == ["one", "x" * 20, ""]


async def test_only_rows_that_changed_are_painted() -> None:
    app = PaintedStage()
    async with app.run_test(size=(20, 8)) as pilot:
        area = app.query_one(Painted)
        area.show(_rows("one", "two", "three"))
        await pilot.pause()
        area.painted.clear()
        area.show(_rows("one", "TWO", "three"))
        await pilot.pause()

        assert area.painted == ["TWO"]


async def test_rows_that_are_gone_are_gone_from_the_screen() -> None:
    app = Stage()
    async with app.run_test(size=(20, 8)) as pilot:
        area = app.query_one(LinesArea)
        area.show(_rows("one", "two"))
        area.show(_rows("one"))
        await pilot.pause()

        assert _shown(area, 1) == ""


async def test_a_click_does_what_its_piece_names() -> None:
    app = Stage()
    async with app.run_test(size=(20, 8)) as pilot:
        app.query_one(LinesArea).show((((Span("ab", act="note(1)"), Span("cd"), Span("ef", act="note(2)"))),))
        await pilot.pause()
        for column in (0, 2, 5, 9):
            await pilot.click("#area", offset=(column, 0))
        await pilot.click("#area", offset=(0, 3))
        await pilot.pause()

        assert app.clicked == [1, 2]


async def test_another_theme_paints_everything_anew() -> None:
    app = PaintedStage()
    async with app.run_test(size=(20, 8)) as pilot:
        area = app.query_one(Painted)
        area.show(_rows("one"))
        await pilot.pause()
        before = area.render_line(0)
        app.theme = "textual-light"
        await pilot.pause()

        assert area.render_line(0) != before


async def test_a_wider_screen_shows_more_of_a_row() -> None:
    app = Stage()
    async with app.run_test(size=(20, 8)) as pilot:
        area = app.query_one(LinesArea)
        area.show(_rows("x" * 30))
        await pilot.pause()
        assert _on_screen(area) == "x" * 20
        await pilot.resize_terminal(40, 8)
        await pilot.pause()

        assert _on_screen(area) == "x" * 30


async def test_a_scrolled_area_shows_the_rows_below() -> None:
    app = Stage()
    async with app.run_test(size=(20, 8)) as pilot:
        area = app.query_one(LinesArea)
        area.show(_rows(*"abcdefgh"))
        await pilot.pause()
        assert _on_screen(area) == "a"
        area.scroll_to(y=3, animate=False)
        await pilot.pause()

        assert _on_screen(area) == "d"


@pytest.mark.parametrize("no_color", [None, "1"])
async def test_a_terminal_without_colours_gets_none(no_color: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    app = Stage()
    async with app.run_test(size=(20, 8)) as pilot:
        area = app.query_one(LinesArea)
        area.show(((Span("one", Tone.BAD),),))
        await pilot.pause()
        (strip,) = area.render_lines(Region(0, 0, 20, 1))
        colors = [segment.style.color for segment in strip if segment.style and segment.style.color]

        assert any(len(set(color.get_truecolor())) > 1 for color in colors) is (no_color is None)


async def test_a_flash_goes_by_itself() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        area = app.query_one(LinesArea)
        area.flash(0.01)
        assert area.has_class("flash")
        while area.has_class("flash"):
            await pilot.pause(0.01)
