"""`risk-manager admin …`: what is typed, who may, and what comes back to the shell; without words, the menu."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from risk_manager.admin import elevation
from risk_manager.admin.dialogue import Dialogue, NotAskedError, PipedDialogue, TerminalDialogue
from risk_manager.admin.menu import run_menu
from risk_manager.admin.office import DONE, NO, OUT_OF_REACH, WRONG_USE, NotDoneError, Office
from risk_manager.admin.password import PasswordRefusedError
from risk_manager.admin.words import Deed, parser
from risk_manager.config.files import home_at
from risk_manager.config.secrets import SecretUnavailableError
from risk_manager.daemon.clock import SystemClock
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError

Say = Callable[[str], None]

_CODES: Final[dict[type[Exception], int]] = {
    PasswordRefusedError: NO,
    NotAskedError: WRONG_USE,
    SecretUnavailableError: OUT_OF_REACH,
    StoreUnavailableError: OUT_OF_REACH,
    SchemaTooNewError: OUT_OF_REACH,
}


def main(home: str | None, words: Sequence[str], *, say: Say, complain: Say) -> int:
    """Carry one admin command out and return its exit code."""
    options = parser().parse_args(words)
    ask: Dialogue = TerminalDialogue(os.environ) if sys.stdin.isatty() else PipedDialogue()
    office = Office(home=home_at(options.home or home), clock=SystemClock(), ask=ask, say=say)
    return carry_out(office, options, complain=complain)


def carry_out(office: Office, options: argparse.Namespace, *, complain: Say) -> int:
    """Have the admin prove who he is, and do what he wants; what goes wrong is told, with its exit code."""
    deed: Deed | None = getattr(options, "deed", None)
    missing = elevation.what_is_missing(office.home)
    if missing is not None:
        complain(f"risk-manager admin: {missing}")
        return OUT_OF_REACH
    try:
        office.unlock()
        if deed is None:
            run_menu(office)
        else:
            deed(office, options)
    except KeyboardInterrupt:
        complain("risk-manager admin: stopped")
        return NO
    except NotDoneError as error:
        complain(f"risk-manager admin: {error}")
        return error.code
    except tuple(_CODES) as error:
        complain(f"risk-manager admin: {error}")
        return _CODES[type(error)]
    return DONE
