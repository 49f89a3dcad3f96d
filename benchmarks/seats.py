"""An account at the load venue: its streams, its positions, and when its breach was written and answered."""

from dataclasses import dataclass, field
from time import perf_counter_ns

from picows import WSMsgType, WSTransport

from benchmarks.wire import BREACH_SIZE, position_record, quote_records

_QUOTES = 64
_TURNS = "ABCDEFGH"
"""Breaches come in so many contracts in turn. One that returns before its close is proven is left for a second, lest
it be turned round: that is the daemon's caution, and no measure of its speed."""


@dataclass(slots=True)
class Seat:
    """One account with a login of its own; who sits there, the daemon or the bare client, is not known here."""

    account_id: int
    positions: int = 1
    """How many positions are kept, each guarded by a stop and quoted in turn."""
    user: WSTransport | None = None
    market: WSTransport | None = None
    is_breached: bool = False
    written_at: int = 0
    """When the latest breach was written, in nanoseconds."""
    delays: list[int] = field(default_factory=list)
    """Nanoseconds from each breach to the first request that closes it."""
    missed: int = 0
    """Breaches that could not be written because the one before was not closed yet."""
    requests: int = 0
    _told: int = 0
    _quotes: tuple[bytes, ...] = ()
    _turn: int = 0
    _breach: dict[str, bytes] = field(default_factory=dict)
    _flat: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        moves = zip(*(quote_records(one, count=_QUOTES) for one in self.held), strict=True)
        self._quotes = tuple(quote for move in moves for quote in move)
        for contract_id in self.breachable:
            self._breach[contract_id] = position_record(self.account_id, contract_id, BREACH_SIZE)
            self._flat[contract_id] = position_record(self.account_id, contract_id, 0)

    @property
    def username(self) -> str:
        """The login: every account has its own, because the venue's request budget counts by login."""
        return f"bench-{self.account_id}"

    @property
    def held(self) -> list[str]:
        """The contracts of the positions that are kept."""
        return [f"CON.F.US.H{self.account_id}{number}.Z26" for number in range(self.positions)]

    @property
    def breachable(self) -> list[str]:
        """The contracts in which the limit is broken, in turn."""
        return [f"CON.F.US.B{self.account_id}{turn}.Z26" for turn in _TURNS]

    @property
    def breached(self) -> str:
        """The contract in which the limit is broken now, or was last."""
        return self.breachable[self._turn]

    @property
    def next_breached(self) -> str:
        """The contract in which the limit is broken next."""
        return self.breachable[(self._turn + 1) % len(_TURNS)]

    @property
    def is_taken(self) -> bool:
        """Both streams are connected."""
        return self.user is not None and self.market is not None

    def quote(self) -> None:
        """Write the next quote of the kept positions."""
        if self.market is not None:
            self._told += 1
            self.market.send(WSMsgType.TEXT, self._quotes[self._told % len(self._quotes)])

    def breach(self) -> None:
        """Write a position that breaks the limit."""
        if self.user is None or self.is_breached:
            self.missed += 1
            return
        frame = self._breach[self.next_breached]
        self._turn = (self._turn + 1) % len(_TURNS)
        self.is_breached = True
        self.written_at = perf_counter_ns()
        self.user.send(WSMsgType.TEXT, frame)

    def close(self, contract_id: str, read_at: int) -> bool:
        """Take the request that closes a position; False when there is none."""
        if not self.is_breached or contract_id != self.breached:
            return False
        self.is_breached = False
        self.delays.append(read_at - self.written_at)
        return True

    def tell_flat(self, contract_id: str) -> None:
        """Write that a position is gone."""
        if self.user is not None:
            self.user.send(WSMsgType.TEXT, self._flat[contract_id])
