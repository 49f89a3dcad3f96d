"""What is made of the measurements: percentiles, ratios, and the closing line."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

_MICROSECOND = 1000.0


@dataclass(frozen=True, slots=True)
class Latency:
    """One round: the median and the 99th percentile, in microseconds."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures that are promised."""

    p50_ratio: float
    p99_ratio: float
    events_per_second: float
    megabytes: float
    idle_percent: float

    def line(self) -> str:
        """Write the closing line."""
        return (
            f"bench: first request p50 {self.p50_ratio:.2f}x p99 {self.p99_ratio:.2f}x floor, "
            f"{self.events_per_second:.0f} events/s, {self.megabytes:.1f} MB, idle {self.idle_percent:.2f} %"
        )


def latency_of(delays: Sequence[int]) -> Latency:
    """Sum up the nanoseconds of a round."""
    if not delays:
        raise ValueError("a round without a single answered breach says nothing")
    return Latency(percentile(delays, 0.5) / _MICROSECOND, percentile(delays, 0.99) / _MICROSECOND)


def percentile(values: Sequence[int], share: float) -> float:
    """Find the value below which a share of all lies, straight between its two neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def ratios(product: Sequence[Latency], floor: Sequence[Latency]) -> tuple[float, float]:
    """Compare each round with the floor beside it; the median of the rounds stands against the machine's noise."""
    pairs = list(zip(product, floor, strict=True))
    return median(one.p50 / bare.p50 for one, bare in pairs), median(one.p99 / bare.p99 for one, bare in pairs)
