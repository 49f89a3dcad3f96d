"""The terminal's keyboard (not on Windows): its thread sleeps until a key comes, and looks for nothing in between."""

import os
import selectors
import socket
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable
from threading import Event
from typing import Any, Final

from textual import constants
from textual._xterm_parser import XTermParser
from textual.message import Message

if sys.platform == "win32":
    raise ImportError("Windows has a keyboard of another kind")

from textual.drivers.linux_driver import LinuxDriver

_REST_WITHIN: Final = constants.ESCAPE_DELAY + 0.01
"""Seconds after which nothing more belongs to a key: others begin as Escape does."""
_AT_ONCE: Final = 4096


class PatientInput(LinuxDriver):
    """textual's own terminal, whose thread for the keys would wake ten times a second to see whether to end."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_event = self._bell = Bell()

    def run_input_thread(self) -> None:
        """Hand on what is typed, until the application mode is left."""
        read_keys(self.fileno, self._bell, self.process_message)


class Bell(Event):
    """An event that can be waited for together with a file."""

    def __init__(self) -> None:
        super().__init__()
        self._rope, self._sound = socket.socketpair()

    def fileno(self) -> int:
        """Tell what is ready to be read while it rings."""
        return self._sound.fileno()

    def set(self) -> None:
        """Ring."""
        if not self.is_set():
            super().set()
            self._rope.send(b"!")

    def clear(self) -> None:
        """Be silent again."""
        if self.is_set():
            self._sound.recv(1)
            super().clear()

    def close(self) -> None:
        """Give back what it holds open."""
        self._rope.close()
        self._sound.close()


def read_keys(fileno: int, bell: Bell, hand_on: Callable[[Message], None]) -> None:
    """Hand on what is typed into a terminal, until the bell rings."""
    parser, decode = XTermParser(), getincrementaldecoder("utf-8")(errors="replace").decode
    with selectors.SelectSelector() as selector:  # the one that takes terminals on every system
        selector.register(fileno, selectors.EVENT_READ)
        selector.register(bell, selectors.EVENT_READ)
        wait = None
        while not bell.is_set():
            ready = [key.fd for key, _ in selector.select(wait)]
            wait = _REST_WITHIN if ready else None
            if fileno in ready:
                typed = os.read(fileno, _AT_ONCE)
                if not typed:  # it has ended, and would be ready for ever
                    selector.unregister(fileno)
                if text := decode(typed):
                    for message in parser.feed(text):
                        hand_on(message)
            for message in parser.tick():
                hand_on(message)
