"""The admin at work on one home: who he is, how he is asked and told, and what time it is."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from risk_manager.admin import password
from risk_manager.admin.dialogue import Dialogue
from risk_manager.config.files import Home
from risk_manager.daemon.clock import Clock

DONE, NO, WRONG_USE, OUT_OF_REACH = 0, 1, 2, 3
"""Exit codes, as of every command."""


_UNCOUNTED = (
    "guesses at the password cannot be counted, so none is heard ({error}): free space on the disk, or mend "
    "its rights; the trader's screen locks without a password (`risk-manager trader`, then l)"
)


class NotDoneError(Exception):
    """Something that was not done; the message says why and what to do, the code goes to the shell."""

    def __init__(self, message: str, code: int = NO) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True, kw_only=True)
class Office:
    """What every deed of an admin needs; `password` is empty until he has proven that he knows it."""

    home: Home
    clock: Clock
    ask: Dialogue
    say: Callable[[str], None]
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    password: str = field(default="", repr=False)
    is_new: bool = False
    """The password has been set in this very session."""
    rounds: int = 12
    """The hash of a new password takes 2 to the power of this many steps."""

    def unlock(self) -> None:
        """Ask for the password, or have one set where there is none; raise what says why he may not."""
        if not password.is_set(self.home):
            self.say(
                "No admin password is set yet. It guards every change of your rules; there is no way to recover it."
            )
            self.choose_password()
            self.is_new = True
            return
        given = self.ask.secret("Admin password")
        try:
            password.prove(self.home, given, now=self.clock.now())
        except OSError as error:
            raise NotDoneError(_UNCOUNTED.format(error=error), OUT_OF_REACH) from None
        self.password = given

    def choose_password(self) -> None:
        """Have a new password typed twice, and keep its hash; raise `PasswordRefusedError`."""
        chosen = self.ask.secret("New admin password (8 to 72 bytes)")
        password.check_form(chosen)
        if self.ask.secret("The same again") != chosen:
            raise password.PasswordRefusedError("the two were not the same: nothing was set")
        password.set_password(self.home, chosen, rounds=self.rounds)
        self.password = chosen
        self.say("The password is set.")
