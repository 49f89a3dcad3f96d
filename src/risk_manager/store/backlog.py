"""What waits to be written: intents, each whole, state by its place, and log rows in order."""

import itertools
from collections import deque
from collections.abc import Iterable, Sequence

from risk_manager.store.rows import ContractRow, LogRow, StateRow

_SLICE = 25  # rows a transaction, so that an urgent one never waits long
_MOST_WAITING = 20_000  # log rows kept while nothing can be written; the oldest go first

Row = StateRow | LogRow | ContractRow
Intent = list[StateRow | LogRow]


class Backlog:
    """Rows in memory only. The writer's lock guards it: it is not safe for several threads by itself."""

    def __init__(self) -> None:
        self._state: dict[tuple[str, int, str], StateRow] = {}
        self._log: deque[LogRow | ContractRow] = deque()
        self._intents: deque[Intent] = deque()
        self._in_hand = 0
        self.hurries = False
        """Something waits that is not to wait for company of its own accord."""
        self.lost = 0
        """Log rows given up because too many were waiting."""

    def __len__(self) -> int:
        return len(self._state) + len(self._log) + sum(map(len, self._intents)) + self._in_hand

    @property
    def has_intents(self) -> bool:
        """Intents wait."""
        return bool(self._intents)

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows in; a later word on the same row of state replaces an earlier one."""
        self.hurries = True
        for row in rows:
            if isinstance(row, StateRow):
                self._state[row.place] = row
            else:
                self._log.append(row)
        while len(self._log) > _MOST_WAITING:
            self._log.popleft()
            self.lost += 1

    def add_unhurried(self, rows: Iterable[StateRow]) -> None:
        """Take rows in that may wait for others."""
        self._state.update((row.place, row) for row in rows)

    def intend(self, rows: Intent) -> None:
        """Take an intent in, which is newer than what waits of the same rows."""
        self.outdate(rows)
        self._intents.append(rows)

    def outdate(self, rows: Iterable[StateRow | LogRow]) -> None:
        """Drop what waits and has become an older word."""
        for row in rows:
            if isinstance(row, StateRow):
                self._state.pop(row.place, None)

    def take_locks(self) -> list[StateRow]:
        """Give the locks that wait."""
        return [self._state.pop(place) for place in list(self._state) if place[0] == "lockouts"]

    def take(self) -> tuple[list[Intent], list[Row]]:
        """Give intents, each whole, and a slice of the rest, which is newer; they are in hand until told of."""
        intents = list(self._intents)
        self._intents.clear()
        taken: list[Row] = [self._state.pop(place) for place in list(itertools.islice(self._state, _SLICE))]
        while self._log and len(taken) < _SLICE:
            taken.append(self._log.popleft())
        self._in_hand = len(taken) + sum(map(len, intents))
        self.hurries = bool(self._state or self._log)
        return intents, taken

    def written(self) -> None:
        """Forget what was in hand."""
        self._in_hand = 0

    def give_back(self, intents: Sequence[Intent], rows: Sequence[Row]) -> None:
        """Let what could not be written wait again, before everything else; what came meanwhile is newer."""
        self._in_hand = 0
        self.hurries = True
        self._intents.extendleft(reversed(intents))
        for row in reversed(rows):
            if isinstance(row, StateRow):
                self._state.setdefault(row.place, row)
            else:
                self._log.appendleft(row)
