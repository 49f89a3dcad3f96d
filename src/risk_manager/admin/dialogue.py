"""How the admin is asked: with arrow keys at a terminal, line by line from a pipe."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

Chosen = TypeVar("Chosen")


class NotAskedError(Exception):
    """There is nobody to ask; the message says what to give on the command line instead."""


class Dialogue(Protocol):
    """Asks a person; Ctrl-C raises `KeyboardInterrupt` out of every question."""

    def secret(self, question: str) -> str:
        """Ask for something that is not shown."""

    def text(self, question: str, *, suggested: str = "") -> str:
        """Ask for a line."""

    def choose(self, question: str, choices: Sequence[tuple[str, Chosen]]) -> Chosen:
        """Ask for one of several, each with its words."""

    def agrees(self, question: str) -> bool:
        """Ask for a yes; no is what is suggested."""


@dataclass(slots=True)
class PipedDialogue:
    """Secrets are lines of standard input, in the order in which they are wanted; there are no other questions."""

    read_line: Callable[[], str] = field(default_factory=lambda: sys.stdin.readline)

    def secret(self, question: str) -> str:
        """Take the next line."""
        line = self.read_line()
        if not line:
            raise NotAskedError(f"{question} was expected on standard input; give one line for it, or use a terminal")
        return line.rstrip("\r\n")

    def text(self, question: str, *, suggested: str = "") -> str:
        """Take what is suggested; otherwise nobody can be asked."""
        if suggested:
            return suggested
        raise NotAskedError(f"{question} cannot be asked without a terminal; give it on the command line")

    def choose(self, question: str, choices: Sequence[tuple[str, Chosen]]) -> Chosen:
        """Take what there is no choice about."""
        if len(choices) == 1:
            return choices[0][1]
        words = ", ".join(words for words, _ in choices)
        raise NotAskedError(f"{question} cannot be asked without a terminal; it is one of: {words}")

    def agrees(self, question: str) -> bool:
        """Whoever gives a command by a program means it."""
        del question
        return True


@dataclass(slots=True)
class TerminalDialogue:
    """Arrow keys, Enter, and Ctrl-C to get out of anything."""

    environ: Mapping[str, str]

    def secret(self, question: str) -> str:
        """Ask with the answer hidden."""
        import questionary  # noqa: PLC0415 - only who is asked something needs it

        return str(questionary.password(f"{question}:", **self._looks()).unsafe_ask())

    def text(self, question: str, *, suggested: str = "") -> str:
        """Ask for a line, with an answer that Enter takes."""
        import questionary  # noqa: PLC0415 - as above

        return str(questionary.text(f"{question}:", default=suggested, **self._looks()).unsafe_ask()).strip()

    def choose(self, question: str, choices: Sequence[tuple[str, Chosen]]) -> Chosen:
        """Show all of them; numbers would end at nine, so the arrow keys choose."""
        import questionary  # noqa: PLC0415 - as above

        shown = [questionary.Choice(words, value=index) for index, (words, _) in enumerate(choices)]
        answer = questionary.select(question, choices=shown, use_jk_keys=False, **self._looks())
        return choices[int(answer.unsafe_ask())][1]

    def agrees(self, question: str) -> bool:
        """Ask for y or n."""
        import questionary  # noqa: PLC0415 - as above

        return bool(questionary.confirm(question, default=False, **self._looks()).unsafe_ask())

    def _looks(self) -> dict[str, Any]:
        if not self.environ.get("NO_COLOR"):
            return {}
        from prompt_toolkit.output.color_depth import ColorDepth  # noqa: PLC0415 - as above

        return {"color_depth": ColorDepth.DEPTH_1_BIT}
