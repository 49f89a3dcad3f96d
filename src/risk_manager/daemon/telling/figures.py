"""The daemon in numbers, since its start: how quick enforcement was, how often which rule was broken."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from risk_manager.daemon.enforcement.case import Report, Stage

_KEPT = 1000  # latest enforcements, of which the percentiles are told


@dataclass(slots=True)
class Figures:
    """What the reports of enforcements add up to; lengths in milliseconds."""

    breaches: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    first_request_ms: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    proven_ms: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def reported(self, report: Report) -> None:
        """Count a stage of an enforcement."""
        self.outcomes[report.stage.value] += 1
        if report.stage is Stage.STARTED:
            self.breaches.update({decision.rule for decision in report.case.plan.decisions})
        if report.stage is Stage.PROVEN:
            self.first_request_ms.extend(_known(report.case.first_request_ms))
            self.proven_ms.extend(_known(report.case.proven_ms))

    def told(self) -> Mapping[str, object]:
        """Tell them as plain values."""
        return {
            "breaches": dict(self.breaches),
            "enforcements": dict(self.outcomes),
            "first_request_ms": percentiles(self.first_request_ms),
            "proven_ms": percentiles(self.proven_ms),
        }


def percentiles(lengths: Iterable[float]) -> dict[str, float]:
    """Tell the median, the 95th and 99th in a hundred, and the longest; empty where there is none."""
    ordered = sorted(lengths)
    if not ordered:
        return {}
    at = {name: ordered[min(len(ordered) * share // 100, len(ordered) - 1)] for name, share in _SHARES.items()}
    return {name: round(length, 2) for name, length in at.items()}


_SHARES = {"p50": 50, "p95": 95, "p99": 99, "max": 100}


def _known(length: float | None) -> tuple[float, ...]:
    return () if length is None else (length,)
