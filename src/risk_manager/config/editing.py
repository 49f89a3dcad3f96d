"""A file of the configuration, seen, and later replaced: checked whole, at once, and only as it was seen."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from risk_manager.config.configuration import load
from risk_manager.config.files import Home, write_privately
from risk_manager.config.problems import ConfigurationRefusedError, Problem


class ChangedMeanwhileError(Exception):
    """Somebody else has written the file since it was read; nothing was written."""


class FileBusyError(Exception):
    """Another program holds the file open; nothing was written."""


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was seen; `raw` None where there was none."""

    path: Path
    raw: bytes | None

    @property
    def text(self) -> str:
        """What it says, line ends as they are; raises `UnicodeDecodeError`, which `load` has named before."""
        return (self.raw or b"").decode("utf-8-sig")


def see(path: Path) -> Original:
    """Read a file to change it later; raise `OSError`."""
    try:
        return Original(path, path.read_bytes())
    except FileNotFoundError:
        return Original(path, None)


def new_problems(home: Home, instead: Mapping[Path, str], environ: Mapping[str, str] = os.environ) -> list[Problem]:
    """Name what would be wrong with these texts in place of the files, and is not wrong already."""
    known = {(problem.file, problem.key, problem.value, problem.allowed) for problem in _problems(home, {}, environ)}
    return [
        problem
        for problem in _problems(home, instead, environ)
        if (problem.file, problem.key, problem.value, problem.allowed) not in known
    ]


def replace(original: Original, text: str, *, pause: Callable[[float], None] = time.sleep) -> None:
    """Put a new text in the place of a file, whole or not at all.

    Raises:
        ChangedMeanwhileError: it is not what was seen any more.
        FileBusyError: it cannot be replaced while another program holds it (Windows).
        OSError: it cannot be written.
    """
    path = original.path.resolve()
    if see(path).raw != original.raw:
        raise ChangedMeanwhileError(
            f"{path.name} was changed by someone else meanwhile: nothing was written. "
            "His change stands; look at it, and make yours again"
        )
    has_mark = (original.raw or b"").startswith(b"\xef\xbb\xbf")
    try:
        write_privately(path, ("\ufeff" if has_mark else "") + text, pause=pause)
    except PermissionError as error:
        if sys.platform != "win32":
            raise
        raise FileBusyError(
            f"{path.name} is held open by another program: nothing was written. Close it there, and try again"
        ) from error


def _problems(home: Home, instead: Mapping[Path, str], environ: Mapping[str, str]) -> tuple[Problem, ...]:
    try:
        load(home, environ=environ, instead=instead)
    except ConfigurationRefusedError as refused:
        return refused.problems
    return ()
