"""An account at the load venue: its streams, its positions, and when its breach was written and answered."""

from dataclasses import dataclass, field
from time import perf_counter_ns

from picows import WSMsgType, WSTransport

from benchmarks.wire import BREACH_SIZE, position_record, quote_records

_QUOTES = 64


@dataclass(slots=True)
class Seat:
    """One account with a login of its own; who sits there, the daemon or the bare client, is not known here."""

    account_id: int
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
    _breach: bytes = b""
    _flat: bytes = b""

    def __post_init__(self) -> None:
        self._quotes = quote_records(self.held, count=_QUOTES)
        self._breach = position_record(self.account_id, self.breached, BREACH_SIZE)
        self._flat = position_record(self.account_id, self.breached, 0)

    @property
    def username(self) -> str:
        """The login: every account has its own, because the venue's request budget counts by login."""
        return f"bench-{self.account_id}"

    @property
    def held(self) -> str:
        """The contract of the position that is kept."""
        return f"CON.F.US.H{self.account_id}.Z26"

    @property
    def breached(self) -> str:
        """The contract in which the limit is broken."""
        return f"CON.F.US.B{self.account_id}.Z26"

    @property
    def is_taken(self) -> bool:
        """Both streams are connected."""
        return self.user is not None and self.market is not None

    def quote(self) -> None:
        """Write the next quote of the kept position."""
        if self.market is not None:
            self._told += 1
            self.market.send(WSMsgType.TEXT, self._quotes[self._told % _QUOTES])

    def breach(self) -> None:
        """Write a position that breaks the limit."""
        if self.user is None or self.is_breached:
            self.missed += 1
            return
        self.is_breached = True
        self.written_at = perf_counter_ns()
        self.user.send(WSMsgType.TEXT, self._breach)

    def close(self, contract_id: str, read_at: int) -> bool:
        """Take the request that closes a position; False when there is none."""
        if not self.is_breached or contract_id != self.breached:
            return False
        self.is_breached = False
        self.delays.append(read_at - self.written_at)
        return True

    def tell_flat(self) -> None:
        """Write that the position is gone."""
        if self.user is not None:
            self.user.send(WSMsgType.TEXT, self._flat)
