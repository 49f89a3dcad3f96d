from collections.abc import Callable

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from risk_manager.admin.dialogue import Dialogue, NotAskedError, PipedDialogue, TerminalDialogue

DOWN, CTRL_C = "\x1b[B", "\x03"
CHOICES = [("one", 1), ("two", 2)]


def typed(keys: str, ask: Callable[[Dialogue], object], environ: dict[str, str] | None = None) -> object:
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text(keys)
        return ask(TerminalDialogue(environ or {}))


@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}])
def test_a_person_answers_with_keys(environ: dict[str, str]) -> None:
    assert typed("hush\r", lambda ask: ask.secret("Password"), environ) == "hush"
    assert typed(" a line \r", lambda ask: ask.text("Name"), environ) == "a line"
    assert typed("\r", lambda ask: ask.text("Name", suggested="Main"), environ) == "Main"
    assert typed(f"{DOWN}\r", lambda ask: ask.choose("Which", CHOICES), environ) == 2
    assert typed("y", lambda ask: ask.agrees("Sure?"), environ) is True
    assert typed("\r", lambda ask: ask.agrees("Sure?"), environ) is False


@pytest.mark.parametrize(
    "ask",
    [
        lambda ask: ask.secret("Password"),
        lambda ask: ask.text("Name"),
        lambda ask: ask.choose("Which", CHOICES),
        lambda ask: ask.agrees("Sure?"),
    ],
)
def test_ctrl_c_leads_out_of_every_question(ask: Callable[[Dialogue], object]) -> None:
    with pytest.raises(KeyboardInterrupt):
        typed(CTRL_C, ask)


def test_a_pipe_gives_one_line_for_each_secret() -> None:
    lines = iter(["hush\r\n", "key\n", ""])
    piped = PipedDialogue(lambda: next(lines))
    assert (piped.secret("Password"), piped.secret("Key")) == ("hush", "key")
    with pytest.raises(NotAskedError, match="Another was expected on standard input"):
        piped.secret("Another")


def test_a_pipe_cannot_be_asked_anything_else() -> None:
    piped = PipedDialogue(lambda: "")
    assert piped.agrees("Sure?")
    assert piped.text("Name", suggested="Main") == "Main"
    assert piped.choose("Which", CHOICES[:1]) == 1
    with pytest.raises(NotAskedError, match="one of: one, two"):
        piped.choose("Which", CHOICES)
    with pytest.raises(NotAskedError, match="command line"):
        piped.text("Name")
