"""The lock by which one daemon holds a home: it ends with the process, however that ends."""

import contextlib
import errno
import hashlib
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
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
    descriptors: list[int] = field(default_factory=list)
    substitute: Path | None = None

    def release(self) -> None:
        """Give the home free."""
        if sys.platform == "win32":  # it deletes nothing that is open: whoever has taken the file by then keeps it
            self._close()
            self._forget_substitute()
        else:
            self._forget_substitute()
            self._close()

    def _close(self) -> None:
        while self.descriptors:
            os.close(self.descriptors.pop())

    def _forget_substitute(self) -> None:
        if self.substitute is not None:
            with contextlib.suppress(OSError):
                self.substitute.unlink()


def hold(path: Path) -> DaemonLock:
    """Take one file of a home for this process; raise `HomeInUseError` or `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return _taken(path, os.open(path, os.O_RDWR | os.O_CREAT, 0o600), home=_home_of(path))


def hold_home(path: Path) -> DaemonLock:
    """Take a home for this process, by its lock file, its folder and its name; raise `HomeInUseError` or `OSError`."""
    return _with_name(_with_folder(hold(path), _home_of(path)), path)


def hold_unwritable(path: Path) -> DaemonLock:
    """Take a home on a disk that cannot be written, by the file that lies there or by one for temporary things.

    Raises `HomeInUseError`, or `OSError` where there is no place for such a file either.
    """
    home = _home_of(path)
    try:
        lock = _taken(path, os.open(path, os.O_RDONLY), home=home)
    except OSError:
        return _with_folder(_substitute_taken(path), home)
    return _with_name(_with_folder(lock, home), path)


def is_held(path: Path) -> bool:
    """Tell whether a daemon works on the home."""
    return _is_locked(path) or _is_locked(_substitute(path)) or _is_locked(_home_of(path))


def _home_of(path: Path) -> Path:
    return path.parent.parent


def _with_folder(lock: DaemonLock, folder: Path) -> DaemonLock:
    """Lock the home's folder too: under a running daemon the file may be deleted, or moved away with all of `data`.

    Windows locks no folders, and lets nobody move or delete what is open.
    """
    try:
        lock.descriptors.append(os.open(folder, os.O_RDONLY))
        _lock_past_a_look(lock.descriptors[-1])
    except BlockingIOError:
        lock.release()
        raise HomeInUseError(f"another daemon works on {folder}") from None
    except OSError:
        pass  # there is the file
    return lock


def _with_name(lock: DaemonLock, path: Path) -> DaemonLock:
    """Lock the home's name too: all of the home may be moved away, and another one made under a running daemon."""
    try:
        named = _substitute_taken(path)
    except HomeInUseError:
        lock.release()
        raise
    except OSError:
        return lock  # there are file and folder
    lock.substitute = named.path
    lock.descriptors += named.descriptors
    return lock


def _substitute_taken(path: Path) -> DaemonLock:
    """Take the file that stands for a home; one that its holder has just deleted is nobody's, and taken anew."""
    place = _substitute(path)
    while True:
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        if sys.platform != "win32" and os.fstat(descriptor).st_uid != os.getuid():
            os.close(descriptor)
            raise PermissionError(errno.EACCES, "another user's file", str(place))
        lock = _taken(place, descriptor, home=_home_of(path))
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), place.stat()):
                lock.substitute = place
                return lock
        lock.release()


def _taken(path: Path, descriptor: int, *, home: Path) -> DaemonLock:
    """Lock an open file, and write into it whose it is as far as that is possible."""
    try:
        _lock_past_a_look(descriptor)
    except BlockingIOError:
        holder = _holder(path)
        os.close(descriptor)
        raise HomeInUseError(f"another daemon{holder} works on {home}") from None
    except OSError as error:  # a file system that locks nothing: that is no daemon
        os.close(descriptor)
        raise OSError(error.errno, error.strerror, str(path)) from None
    with contextlib.suppress(OSError):  # a full or read-only disk
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())
    return DaemonLock(path, [descriptor])


def _substitute(path: Path) -> Path:
    """Name the file that stands for a home, wherever that may have gone and whatever its disk can do."""
    return Path(tempfile.gettempdir()) / f"risk-manager-{hashlib.sha256(bytes(path.absolute())).hexdigest()[:16]}.lock"


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        lock_file(descriptor)
    except BlockingIOError:
        return True
    except OSError:  # a file system that locks nothing, or nothing that is only read
        return False
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
        with contextlib.suppress(BlockingIOError):
            return lock_file(descriptor)
        time.sleep(_LOOK)
    return lock_file(descriptor)
