"""The one screen below all dialogues, with its keys."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from risk_manager.dashboard.view_state import TABS


class TabsScreen(Screen[None]):
    """Gives every key its action; a dialogue on top has keys of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"app.show_tab({number - 1})", tab.title) for number, tab in enumerate(TABS, start=1)),
        Binding("right", "app.turn(1)", "Next tab"),
        Binding("left", "app.turn(-1)", "Tab before"),
        Binding("tab,n", "app.next_account", "Next account"),
        Binding("a", "app.choose_account", "Accounts"),
        Binding("l", "app.lock_me_out", "Lock me out"),
        Binding("d", "app.dark_or_light", "Dark/light"),
        Binding("b", "app.bell_or_quiet", "Bell on/off"),
        Binding("question_mark,h,f1", "app.help", "Help"),
        Binding("up,k", "app.move(-1)", "Up"),
        Binding("down,j", "app.move(1)", "Down"),
        Binding("pageup", "app.move(-10)", "Page up"),
        Binding("pagedown", "app.move(10)", "Page down"),
        Binding("home", "app.move(-10000)", "To the top"),
        Binding("end", "app.move(10000)", "To the end"),
        Binding("q", "app.quit", "Quit"),
    ]
