"""The windows of misfortune: how much of a second counts for what must be done, and since when something excuses."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from trials.soak.ledger import Entry, body_of

BRIDGED = 0.15
"""What a second counts while the stream is hurt and REST must do: 4 s become 27."""
LIMIT_PERIOD = 61.0
ALL_BUT_USED = 170
"""Requests in a minute from which the venue's limit of 200 leaves no room to prove anything."""
TOO_MANY_TO_BRIDGE = 135
"""And from which none is left for reading what the stream does not tell: the rest is kept for enforcement."""
PAUSES = (5.0, 15.0, 30.0, 60.0)
"""Seconds after a 429 in which REST is asked only for what is being enforced: longer with each pause in a row."""
HTTP_TOO_MANY = 429
LONGEST_EXTENSION = 61.0
"""Seconds by which a stream stays hurt at most because REST was kept from telling what it did not."""
STEP = 0.25
START = 6.0
"""Seconds that a daemon needs after its first request; until that it is up to the machine how fast it starts."""
LONGEST_START = 60.0


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when something is hurt, in seconds of the log."""

    begins: float
    ends: float
    hurts: str
    name: str


class Windows:
    """All windows of a log."""

    def __init__(
        self,
        windows: Iterable[Window],
        requests: Sequence[float] = (),
        pauses: Sequence[tuple[float, float]] = (),
    ) -> None:
        self._requests = requests
        self._pauses = pauses
        self.all = sorted(map(self._until_rest_has_told, windows), key=lambda one: one.begins)

    def rate(self, now: float, *, of_prices: bool) -> float:
        """Tell how much of a second counts now: 1 in calm, 0 where nobody could act."""
        used = self._used(now)
        rate = 0.0 if used >= ALL_BUT_USED else 1.0
        for one in self.all:
            if one.begins <= now < one.ends:
                if one.hurts == "rest" or (one.hurts == "prices" and of_prices):
                    return 0.0
                if one.hurts == "stream":
                    rate = min(rate, 0.0 if self._is_rest_kept(now) else BRIDGED)
        return rate

    def _is_rest_kept(self, now: float) -> bool:
        """Tell whether the venue's limit keeps REST from telling what the stream does not."""
        return self._used(now) >= TOO_MANY_TO_BRIDGE or any(begins <= now < ends for begins, ends in self._pauses)

    def _until_rest_has_told(self, window: Window) -> Window:
        """Lengthen a window of the stream by the time in which REST could not stand in for it."""
        if window.hurts != "stream":
            return window
        at, kept = window.begins, 0.0
        while at < window.ends + kept and kept < LONGEST_EXTENSION:
            kept += STEP if self._is_rest_kept(at) else 0.0
            at += STEP
        return replace(window, ends=window.ends + kept)

    def _used(self, now: float) -> int:
        """Count the requests that the venue's limit still holds against the daemon."""
        return bisect_right(self._requests, now) - bisect_left(self._requests, now - LIMIT_PERIOD)

    def excused_since(self, now: float) -> float:
        """Tell since when what is done may rest on old knowledge: the beginning of the window, or now."""
        since = now
        for one in reversed(self.all):
            if one.begins <= since and one.ends >= since and one.hurts != "nothing":
                since = one.begins
        return since

    def name_at(self, now: float) -> str:
        """Name what is wrong now, for the story."""
        return ", ".join(one.name for one in self.all if one.begins <= now < one.ends) or "calm"


def starting_times(entries: Iterable[Entry]) -> list[float]:
    """Tell of every life how many seconds went by from its start to its first request; inf without one."""
    times, began = [], 0.0
    for entry in entries:
        if _is_start(entry):
            times.append(float("inf"))
            began = float(entry["monotonic"])
        elif entry["kind"] == "request" and times and times[-1] == float("inf"):
            times[-1] = float(entry["monotonic"]) - began
    return times


def _is_start(entry: Entry) -> bool:
    return entry["kind"] == "control" and entry["deed"] == "note" and body_of(entry).get("daemon") == "starts"


def windows_of(entries: Iterable[Entry]) -> Windows:
    """Read the windows out of the notes that the script left in the log."""
    found = []
    everything = list(entries)
    requests = [float(entry["monotonic"]) for entry in everything if entry["kind"] == "request"]
    for entry in everything:
        if entry["kind"] == "control" and entry["deed"] == "note":
            said = body_of(entry)
            if "misfortune" in said:
                begins = float(entry["monotonic"])
                found.append(Window(begins, begins + said["seconds"], said["hurts"], said["misfortune"]))
            elif said.get("daemon") == "starts":
                begins = float(entry["monotonic"])
                first = next((at for at in requests[bisect_right(requests, begins) :]), begins)
                found.append(Window(begins, min(first, begins + LONGEST_START) + START, "rest", "starting"))
    return Windows(found, requests, list(_pauses_of(everything)))


def _pauses_of(entries: Iterable[Entry]) -> Iterator[tuple[float, float]]:
    """List the pauses that answers with 429 ask for; a daemon that starts knows of none."""
    row, begins, until = 0, 0.0, 0.0
    for entry in entries:
        at = float(entry["monotonic"])
        if entry["kind"] == "reply" and entry["status"] == HTTP_TOO_MANY:
            pause = PAUSES[min(row, len(PAUSES) - 1)]
            if at >= until:
                yield begins, until
                row, begins = row + 1, at
            until = max(until, at + pause)
        elif entry["kind"] == "reply" and at >= until:
            row = 0
        elif _is_start(entry):
            row, until = 0, min(until, at)
    yield begins, until
