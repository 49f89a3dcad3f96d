"""The lock by which one daemon holds a home: it ends with the process, however that ends."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCKED_BYTE = 1 << 30  # far beyond the text, which others may read meanwhile


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
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError:
        holder = _holder(path)
        os.close(descriptor)
        raise HomeInUseError(f"another daemon{holder} works on {path.parent.parent}") from None
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return DaemonLock(path, descriptor)


def is_held(path: Path) -> bool:
    """Tell whether a daemon works on the home."""
    try:
        hold_for_a_moment = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        _lock(hold_for_a_moment)
    except OSError:
        return True
    finally:
        os.close(hold_for_a_moment)
    return False


def _holder(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
    return f" (process {text})" if text.isdigit() else ""


def _lock(descriptor: int) -> None:
    """Lock without waiting; raise `OSError` when somebody else has it."""
    if sys.platform == "win32":
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
