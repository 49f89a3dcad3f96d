"""The keys of a terminal, read by a thread that sleeps in between."""

import sys

if sys.platform != "win32":
    import os
    import pty
    import selectors
    import socket
    import tty
    from collections.abc import Iterator
    from contextlib import contextmanager
    from queue import Queue
    from threading import Thread

    from textual.events import Key
    from textual.message import Message

    from risk_manager.dashboard.app import TraderScreen
    from risk_manager.dashboard.patient_input import Bell, PatientInput, read_keys
    from tests.dashboard.stage import Clock, nobody
    from tests.patience import patience

    class Reading:
        """A file that is read for keys, with what was read."""

        def __init__(self, fileno: int) -> None:
            self.bell = Bell()
            self._told: Queue[Message] = Queue()
            self.thread = Thread(target=read_keys, args=(fileno, self.bell, self._told.put), daemon=True)
            self.thread.start()

        def keys(self, count: int) -> list[str]:
            told = [self._told.get(timeout=patience(5)) for _ in range(count)]
            return [message.key for message in told if isinstance(message, Key)]

        def end(self) -> None:
            self.bell.set()
            self.thread.join(patience(5))
            assert not self.thread.is_alive()
            self.bell.close()

    @contextmanager
    def terminal() -> Iterator[tuple[int, Reading]]:
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        reading = Reading(theirs)
        try:
            yield ours, reading
        finally:
            reading.end()
            os.close(theirs)
            os.close(ours)

    def test_what_is_typed_is_handed_on_key_by_key() -> None:
        with terminal() as (typist, reading):
            os.write(typist, b"n3\x1b[B")

            assert reading.keys(3) == ["n", "3", "down"]

    def test_escape_alone_is_a_key_although_others_begin_with_it() -> None:
        with terminal() as (typist, reading):
            os.write(typist, b"\x1b")
            assert reading.keys(1) == ["escape"]

            os.write(typist, b"\x1b[A")
            assert reading.keys(1) == ["up"]

    def test_a_letter_that_comes_in_two_pieces_is_one_key() -> None:
        with terminal() as (typist, reading):
            for piece in ("é".encode()[:1], "é".encode()[1:], b"q"):
                os.write(typist, piece)

            assert reading.keys(2)[1] == "q"

    def test_the_screen_ends_at_once_although_nobody_types() -> None:
        with terminal() as (_, reading):
            reading.bell.set()
            reading.thread.join(patience(5))

            assert not reading.thread.is_alive()

    def test_an_input_that_has_ended_is_read_no_more_and_the_screen_goes_on() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            reading = Reading(theirs.fileno())
            ours.send(b"n")
            ours.shutdown(socket.SHUT_WR)
            assert reading.keys(1) == ["n"]
            assert reading.thread.is_alive()
            reading.end()

    def test_a_bell_that_was_silenced_can_be_waited_for_again() -> None:
        bell = Bell()
        with selectors.DefaultSelector() as selector:
            selector.register(bell, selectors.EVENT_READ)
            bell.set()
            bell.set()
            assert selector.select(0)
            bell.clear()
            bell.clear()
            assert not bell.is_set()
            assert not selector.select(0)
        bell.close()

    def test_the_traders_screen_reads_its_keys_so() -> None:
        assert TraderScreen(now=Clock(), source=nobody).driver_class is PatientInput
