"""The intervals in which a part of the daemon was told nothing, each journaled when it ends."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

Note = Callable[[str, object], None]
"""Journals something, by kind."""
GapKey = tuple[str, str]
"""Which part, of which login."""


@dataclass(slots=True, kw_only=True)
class Gap:
    """An interval without news: since when, of which accounts, why, and how often REST was read instead."""

    since: datetime
    accounts: tuple[int, ...]
    reason: str
    readings: int = 0


@dataclass(slots=True)
class Gaps:
    """The gaps that are open now; `note` journals those that have ended."""

    note: Note
    open_now: dict[GapKey, Gap] = field(default_factory=dict)

    def begin(self, key: GapKey, *, since: datetime, accounts: Iterable[int], reason: str) -> None:
        """Note that a part tells nothing; one that is known to be silent keeps its beginning."""
        self.open_now.setdefault(key, Gap(since=since, accounts=tuple(sorted(accounts)), reason=reason))

    def read_instead(self, login: str) -> None:
        """Note that REST was read while a stream of a login told nothing."""
        for (_, of_login), gap in self.open_now.items():
            if of_login == login:
                gap.readings += 1

    def end(self, key: GapKey, *, at: datetime, bridged_by: str = "") -> None:
        """Note that a part tells again; what lay between is journaled with what bridged it."""
        gap = self.open_now.pop(key, None)
        if gap is None:
            return
        part, login = key
        at = max(at, gap.since)  # the clock of a new life may be a second behind that of the last one
        self.note(
            "gap",
            {
                "part": part,
                "login": login,
                "from": gap.since,
                "to": at,
                "seconds": round((at - gap.since).total_seconds(), 3),
                "accounts": list(gap.accounts),
                "reason": gap.reason,
                "bridged_by": bridged_by or (f"REST, {gap.readings} readings" if gap.readings else "nothing"),
            },
        )

    def ended(self, part: str, login: str, gap: Gap, *, at: datetime, bridged_by: str) -> None:
        """Journal a gap that is known only now that it is over."""
        self.open_now.setdefault((part, login), gap)
        self.end((part, login), at=at, bridged_by=bridged_by)
