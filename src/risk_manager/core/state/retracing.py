"""What went and came back between a report and a full picture: its fills tell, although no report has shown it."""

from datetime import datetime
from itertools import pairwise

from risk_manager.core.state.memory import Memory
from risk_manager.core.state.positions import Holding


def retrace(holding: Holding, was: int, memory: Memory, *, since: datetime, as_of: datetime) -> None:
    """Let a position have grown that a report showed at `was` and a picture shows now, where fills tell all between."""
    position = holding.position
    path = memory.trades.path_back(position.contract_id, position.net_size, since=since, upto=as_of)
    sizes = [(at, max(0, size if was > 0 else -size)) for at, size in path]
    if path[-1][1] != was or not any(later > earlier for (_, later), (_, earlier) in pairwise(sizes)):
        return
    at, least = min(sizes, key=lambda one: one[1])
    holding.grow_unseen(least, at)
    memory.peak_open_total = None
