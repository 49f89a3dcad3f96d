"""What the screen asks: a choice, a number of minutes, a yes; Escape is always no."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

MOST_MINUTES = 7 * 24 * 60
_BOX = """
Vertical { width: auto; min-width: 44; max-width: 90%; height: auto; max-height: 90%;
           background: $panel; border: round $secondary; padding: 1 2; }
Static { width: auto; max-width: 70; height: auto; }
#keys { color: $foreground 62%; margin-top: 1; }
OptionList, OptionList:focus { width: 44; height: auto; max-height: 12; background: $panel; border: none;
                               margin-top: 1; padding: 0; }
Input { width: 44; margin-top: 1; }
"""


class ChoiceDialog(ModalScreen[int | None]):
    """Asks for one of several; answers with its number, None for none of them."""

    DEFAULT_CSS = f"ChoiceDialog {{ align: center middle; {_BOX} }}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Back"),
        *(Binding(str(number), f"choose({number - 1})", show=False) for number in range(1, 10)),
    ]

    def __init__(self, question: str, choices: Sequence[str], *, chosen: int = 0) -> None:
        super().__init__()
        self._question = question
        self._choices = tuple(choices)
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Ask, and list the choices with their keys."""
        with Vertical():
            yield Static(self._question, markup=False)
            rows = [f"{number} {words}".replace("[", "\\[") for number, words in enumerate(self._choices, start=1)]
            yield OptionList(*rows)
            yield Static("↑↓ Enter or the number · Esc back", id="keys")

    def on_mount(self) -> None:
        """Stand on what is chosen already."""
        self.query_one(OptionList).highlighted = self._chosen

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(event.option_index)

    def action_choose(self, number: int) -> None:
        """Answer by the key beside a choice."""
        if number < len(self._choices):
            self.dismiss(number)


class MinutesDialog(ModalScreen[int | None]):
    """Asks for a number of minutes."""

    DEFAULT_CSS = f"MinutesDialog {{ align: center middle; {_BOX} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def compose(self) -> ComposeResult:
        """Ask."""
        with Vertical():
            yield Static("For how many minutes?")
            yield Input(type="integer", max_length=5, placeholder=f"1 to {MOST_MINUTES}")
            yield Static("Enter goes on · Esc back", id="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with a number that can be meant."""
        minutes = int(event.value) if event.value.isdecimal() else 0
        if 1 <= minutes <= MOST_MINUTES:
            self.dismiss(minutes)
        else:
            self.app.bell()


class ConfirmDialog(ModalScreen[bool]):
    """Asks whether it is meant; Enter alone is no answer."""

    DEFAULT_CSS = f"""
    ConfirmDialog {{ align: center middle; {_BOX}
        #yes {{ background: $error; color: $background; text-style: bold; padding: 0 1; margin-top: 1; }}
        #no {{ padding: 0 1; }} }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes"),
        Binding("n,escape,q", "dismiss(False)", "No"),
    ]

    def __init__(self, question: str, *, yes: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        """Ask."""
        with Vertical():
            yield Static(self._question, markup=False)
            yield Static(f"y  {self._yes}", id="yes", markup=False)
            yield Static("n  no, go back", id="no")

    def on_click(self, event: Click) -> None:
        """Answer by mouse."""
        if event.widget is not None and event.widget.id in ("yes", "no"):
            self.dismiss(event.widget.id == "yes")


class TextDialog(ModalScreen[None]):
    """Shows a text until any of the usual keys sends it away."""

    DEFAULT_CSS = f"TextDialog {{ align: center middle; {_BOX} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,space,question_mark", "dismiss(None)", "Close")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Show it."""
        with Vertical():
            yield Static(self._text, markup=False)
            yield Static("Esc closes", id="keys")

    def on_click(self) -> None:
        """Go away by mouse."""
        self.dismiss(None)
