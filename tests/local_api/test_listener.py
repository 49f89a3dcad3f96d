"""What waits for one listener."""

from risk_manager.local_api.listener import Listener


class Line:
    """Remembers what was sent, and whether it was cut; it is full after `room` frames."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.was_cut = False
        self.room: int | None = None
        self.listener = Listener(self, most=2)

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)
        if self.room is not None:
            self.room -= 1
            if self.room == 0:
                self.listener.pause()

    def cut(self) -> None:
        self.was_cut = True


def test_frames_are_sent_in_their_order() -> None:
    line = Line()
    for frame in (b"1", b"2", b"3"):
        line.listener.put(frame)

    assert line.sent == [b"1", b"2", b"3"]


def test_what_comes_while_the_line_is_full_leaves_when_it_is_free() -> None:
    line = Line()
    line.listener.pause()
    line.listener.put(b"1")
    line.listener.put(b"2")
    assert line.sent == []

    line.listener.resume()

    assert line.sent == [b"1", b"2"]


def test_what_waits_stops_leaving_when_the_line_is_full_again() -> None:
    line = Line()
    line.listener.pause()
    line.listener.put(b"1")
    line.listener.put(b"2")
    line.room = 1

    line.listener.resume()

    assert line.sent == [b"1"]


def test_of_the_frames_under_one_key_only_the_latest_waits() -> None:
    line = Line()
    line.listener.pause()
    line.listener.put_latest("ES", b"1")
    line.listener.put(b"lock")
    line.listener.put_latest("ES", b"2")

    line.listener.resume()

    assert line.sent == [b"2", b"lock"]


def test_at_the_bound_it_stays_and_beyond_it_is_cut_off() -> None:
    line = Line()
    line.listener.pause()
    line.listener.put(b"1")
    line.listener.put(b"2")
    assert not line.was_cut

    line.listener.put_latest("ES", b"3")

    assert line.listener.dropped
    assert line.was_cut


def test_the_latest_of_a_key_needs_no_more_room() -> None:
    line = Line()
    line.listener.pause()
    line.listener.put(b"1")
    for price in range(100):
        line.listener.put_latest("ES", b"%d" % price)

    assert not line.listener.dropped


def test_one_that_was_dropped_is_told_nothing_more() -> None:
    line = Line()
    line.listener.drop()
    line.listener.put(b"1")

    assert line.sent == []
