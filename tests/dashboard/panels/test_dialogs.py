"""What the screen asks, by itself; test_app.py asks it from the tabs."""

from textual.app import App
from textual.widgets import Input, OptionList, Static

from risk_manager.dashboard.panels.dialogs import ChoiceDialog, ConfirmDialog, MinutesDialog, TextDialog


class Asking(App[None]):
    """Keeps the answers."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []


async def test_a_choice_is_made_by_number_by_enter_and_not_at_all() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in (("2",), ("down", "enter"), ("escape",), ("9", "escape")):
            app.push_screen(ChoiceDialog("Which?", ("one", "two", "[three]")), app.answers.append)
            await pilot.pause()
            await pilot.press(*keys)
            await pilot.pause()

    assert app.answers == [1, 1, None, None]


async def test_a_choice_begins_where_one_stands() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ChoiceDialog("Which?", ("one", "two"), chosen=1))
        await pilot.pause()
        assert app.screen.query_one(OptionList).highlighted == 1


async def test_minutes_outside_of_what_can_be_meant_are_not_taken() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(MinutesDialog(), app.answers.append)
        await pilot.pause()
        for value in ("", "0", "-5", "10081"):
            app.screen.query_one(Input).value = value
            await pilot.press("enter")
            assert isinstance(app.screen, MinutesDialog)
        app.screen.query_one(Input).value = "10080"
        await pilot.press("enter")
        await pilot.pause()

    assert app.answers == [10_080]


async def test_only_y_is_a_yes() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("y", "n", "escape"):
            app.push_screen(ConfirmDialog("Sure?", yes="do it"), app.answers.append)
            await pilot.pause()
            await pilot.press("enter", "space", "1")
            await pilot.press(key)
            await pilot.pause()
        for target in ("#yes", "#no"):
            app.push_screen(ConfirmDialog("Sure?", yes="do it"), app.answers.append)
            await pilot.pause()
            await pilot.click(target)
            await pilot.pause()

    assert app.answers == [True, False, False, True, False]


async def test_a_text_goes_away_by_key_and_by_mouse() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(TextDialog("Keys"))
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        app.push_screen(TextDialog("Keys"))
        await pilot.pause()
        await pilot.click(Static)
        await pilot.pause()
        assert len(app.screen_stack) == 1
