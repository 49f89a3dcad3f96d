"""A turn at what several programs change: one at a time, over all processes, and it ends with the process."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _KERNEL = ctypes.WinDLL("kernel32", use_last_error=True)
    _KERNEL.LockFile.argtypes = [wintypes.HANDLE, *[wintypes.DWORD] * 4]
else:
    import fcntl

_TRIES = 25
_PAUSE = 0.02  # seconds; a turn is over in some thousandths
_TAKEN = frozenset({32, 33})
"""Windows' ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION: somebody else has it. The C library blurs them."""
_LOCKED_BYTE = 1 << 30  # far beyond any text, which others may read meanwhile


def lock_file(descriptor: int) -> None:
    """Lock an open file without waiting; raise `BlockingIOError` when somebody else has it, `OSError` for all else."""
    if sys.platform == "win32":
        code = _refusal(descriptor)
        if code in _TAKEN:
            raise BlockingIOError(errno.EAGAIN, "somebody else has it")
        if code:
            raise OSError(errno.ENOLCK, f"Windows locks nothing there (error {code})", None, code)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


if sys.platform == "win32":

    def _refusal(descriptor: int) -> int:
        """Lock one byte; return Windows' number for what kept it from that, 0 where nothing did."""
        is_locked = _KERNEL.LockFile(msvcrt.get_osfhandle(descriptor), _LOCKED_BYTE, 0, 1, 0)
        return 0 if is_locked else ctypes.get_last_error()


@contextlib.contextmanager
def taken(path: Path, *, pause: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Have a turn, after a short wait for that of another; raise `OSError` where it does not come."""
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(descriptor, path, pause)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path, pause: Callable[[float], None]) -> None:
    for _ in range(_TRIES):
        try:
            return lock_file(descriptor)
        except BlockingIOError:
            pause(_PAUSE)
        except OSError as error:  # a file system that locks nothing: nobody has it
            raise OSError(error.errno, f"{error.strerror}: nothing can be locked there", str(path)) from error
    raise OSError(errno.EBUSY, "another program has its turn, and does not end it; try again", str(path))
