"""The windows of misfortune: how much of a second counts for what must be done, and since when something excuses."""

from collections.abc import Iterable
from dataclasses import dataclass

from trials.soak.ledger import Entry, body_of

BRIDGED = 0.15
"""What a second counts while the stream is hurt and REST must do: 4 s become 27."""


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when something is hurt, in seconds of the log."""

    begins: float
    ends: float
    hurts: str
    name: str


class Windows:
    """All windows of a log."""

    def __init__(self, windows: Iterable[Window]) -> None:
        self.all = sorted(windows, key=lambda one: one.begins)

    def rate(self, now: float, *, of_prices: bool) -> float:
        """Tell how much of a second counts now: 1 in calm, 0 where nobody could act."""
        rate = 1.0
        for one in self.all:
            if one.begins <= now < one.ends:
                if one.hurts == "rest" or (one.hurts == "prices" and of_prices):
                    return 0.0
                if one.hurts == "stream":
                    rate = BRIDGED
        return rate

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


def windows_of(entries: Iterable[Entry]) -> Windows:
    """Read the windows out of the notes that the script left in the log."""
    found = []
    for entry in entries:
        if entry["kind"] == "control" and entry["deed"] == "note":
            said = body_of(entry)
            if "misfortune" in said:
                begins = float(entry["monotonic"])
                found.append(Window(begins, begins + said["seconds"], said["hurts"], said["misfortune"]))
    return Windows(found)
