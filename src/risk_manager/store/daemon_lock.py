"""The lock by which one daemon holds a home: it ends with the process, however that ends."""

import contextlib
import hashlib
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from risk_manager.config.turn import lock_file

_TRIES = 3
_LOOK = 0.02  # seconds; a look is over in a thousandth of that


class HomeInUseError(Exception):
    """Another daemon works on this home."""


@dataclass(slots=True)
class DaemonLock:
    """A held lock; `release` gives the home free."""

    path: Path
    _descriptor: int | None

    def release(self) -> None:
        """Give the home free."""
        if self._descriptor is None:
            return
        os.close(self._descriptor)
        self._descriptor = None


def hold(path: Path) -> DaemonLock:
    """Take the home for this process; raise `HomeInUseError` or `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return _taken(path, os.open(path, os.O_RDWR | os.O_CREAT, 0o600), home=path.parent.parent)


def hold_unwritable(path: Path) -> DaemonLock:
    """Take a home on a disk that cannot be written, by the file that lies there or by one for temporary things.

    Raises `HomeInUseError`, or `OSError` where there is no place for such a file either.
    """
    try:
        place, descriptor = path, os.open(path, os.O_RDONLY)
    except OSError:
        place = _substitute(path)
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    return _taken(place, descriptor, home=path.parent.parent)


def is_held(path: Path) -> bool:
    """Tell whether a daemon works on the home."""
    return _is_locked(path) or _is_locked(_substitute(path))


def _taken(path: Path, descriptor: int, *, home: Path) -> DaemonLock:
    """Lock an open file, and write into it whose it is as far as that is possible."""
    try:
        _lock_past_a_look(descriptor)
    except OSError:
        holder = _holder(path)
        os.close(descriptor)
        raise HomeInUseError(f"another daemon{holder} works on {home}") from None
    with contextlib.suppress(OSError):  # a full or read-only disk
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())
    return DaemonLock(path, descriptor)


def _substitute(path: Path) -> Path:
    """Name the file that stands for one on a disk that cannot be written."""
    return Path(tempfile.gettempdir()) / f"risk-manager-{hashlib.sha256(bytes(path.absolute())).hexdigest()[:16]}.lock"


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        lock_file(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _holder(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
    return f" (process {text})" if text.isdigit() else ""


def _lock_past_a_look(descriptor: int) -> None:
    """Lock; `is_held` has the lock for an instant, and that is no daemon. Raises `OSError`."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(OSError):
            return lock_file(descriptor)
        time.sleep(_LOOK)
    return lock_file(descriptor)
