"""A turn at what several programs change: one at a time, over all processes, and it ends with the process."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_TRIES = 25
_PAUSE = 0.02  # seconds; a turn is over in some thousandths
_LOCKS_NOTHING = frozenset({errno.EINVAL, errno.EBADF, errno.ENOLCK})
"""What the C library of Windows says where nothing can be locked; the violation of a lock has another name there, and
none at all with Wine, where `errno` is what it was before."""
_LOCKED_BYTE = 1 << 30  # far beyond any text, which others may read meanwhile


def lock_file(descriptor: int) -> None:
    """Lock an open file without waiting; raise `BlockingIOError` when somebody else has it, `OSError` for all else."""
    if sys.platform == "win32":
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in _LOCKS_NOTHING:
                raise
            raise BlockingIOError(errno.EAGAIN, "somebody else has it") from error
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


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
