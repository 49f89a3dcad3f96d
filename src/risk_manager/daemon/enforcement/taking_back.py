"""What an exit of the daemon's has opened, because the trader or the venue was quicker: it is taken back (pure).

The venue fills market orders one after the other and checks none against the position again. Two that were sent in
the same moment, each right by itself, can turn it round; no request can rule that out.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from risk_manager.daemon.enforcement.goals import Goals, Reading


@dataclass(slots=True)
class TakingBack:
    """Contracts that exits have opened, signed as they were bought or sold, with when (monotonic seconds)."""

    opened: dict[str, tuple[int, float]] = field(default_factory=dict)

    def note(self, contract_id: str, size: int, at: float) -> None:
        """Note a fill that opened."""
        before, _ = self.opened.get(contract_id, (0, at))
        self.opened[contract_id] = (before + size, at)

    def goals(self, reading: Reading, *, changing: Collection[str]) -> Goals:
        """Tell what must become of it by a younger reading; contracts that are being changed have to wait."""
        targets: dict[str, int] = {}
        for contract_id, (size, at) in list(self.opened.items()):
            if reading.sent_at < at or contract_id in changing:
                continue
            del self.opened[contract_id]
            held = reading.net_size(contract_id)
            if held * size > 0:
                targets[contract_id] = max(abs(held) - abs(size), 0)
        return Goals(targets=targets)
