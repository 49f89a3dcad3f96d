"""`python -m benchmarks`: everything that is promised of speed and size, in one run."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import screen
from benchmarks.decoding import events_per_second
from benchmarks.figures import Figures, Latency, latency_of, ratios
from benchmarks.product import busy_percent, furnish, resident_megabytes, started, watched
from benchmarks.seats import Seat
from benchmarks.venue import Load, load_venue


@dataclass(frozen=True, slots=True)
class UnderLoad:
    """The daemon under load: both latencies by the floor's, the most memory and the largest share of a core."""

    p50_ratio: float
    p99_ratio: float
    megabytes: float
    busy_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured; lengths in seconds."""

    positions: tuple[int, ...]
    """For each account, how many positions it keeps."""
    rounds: int
    load: Load
    idle: float
    settling: float
    frames: int
    decoding_rounds: int


FULL = Scale(
    positions=(1,) * 6,
    rounds=5,
    load=Load(breaches=60, quotes=1000, seconds=4.0),
    idle=20.0,
    settling=2.0,
    frames=100_000,
    decoding_rounds=5,
)
QUICK = Scale(
    positions=(1,),
    rounds=1,
    load=Load(breaches=10, quotes=50, seconds=0.5),
    idle=0.2,
    settling=0.3,
    frames=2_000,
    decoding_rounds=1,
)
BUSY = replace(FULL, positions=(4, 3, 3), load=Load(breaches=15, quotes=2000, seconds=4.0))
"""Three accounts with ten positions, of which each contract is quoted 200 times a second."""


def say(line: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def first_requests(scale: Scale, folder: Path) -> UnderLoad:
    """Measure, in turns, the floor and the daemon.

    Each round has a daemon of its own on the same home: a breach takes three requests, and the daemon keeps to the
    venue's 200 a minute for each login, whatever the load.
    """
    daemons = [Seat(101 + number, positions) for number, positions in enumerate(scale.positions)]
    bare = [Seat(501 + number, positions) for number, positions in enumerate(scale.positions)]
    measured: list[tuple[Latency, Latency]] = []
    megabytes = busy = 0.0
    async with load_venue([*daemons, *bare]) as venue:
        furnish(folder, venue, daemons)
        accounts = [str(seat.account_id) for seat in bare]
        async with started("-m", "benchmarks.floor", str(venue.rest_port), str(venue.hub_port), *accounts):
            await venue.taken(bare, 60)
            for number in range(scale.rounds):
                async with started("-m", "risk_manager", "run", "--home", str(folder)) as daemon:
                    await venue.taken(daemons, 60)
                    await asyncio.sleep(scale.settling)
                    floor = latency_of(await venue.play(scale.load, bare))
                    with watched(daemon) as share:
                        product = latency_of(await venue.play(scale.load, daemons))
                    busy = max(busy, share())
                    megabytes = max(megabytes, resident_megabytes(daemon))
                measured.append((floor, product))
                _tell_round(number + 1, floor, product, [*bare, *daemons])
    p50, p99 = ratios([product for _, product in measured], [floor for floor, _ in measured])
    return UnderLoad(p50, p99, megabytes, busy)


def _tell_round(number: int, floor: Latency, product: Latency, seats: Sequence[Seat]) -> None:
    missed = sum(seat.missed for seat in seats)
    note = f" ({missed} breaches met one that was still open)" if missed else ""
    say(
        f"round {number}: floor p50 {floor.p50:.0f} µs p99 {floor.p99:.0f} µs, "
        f"daemon p50 {product.p50:.0f} µs p99 {product.p99:.0f} µs{note}"
    )


async def idle_percent(scale: Scale, folder: Path) -> float:
    """Measure a daemon with one login and a guarded position, connected, while no quote moves."""
    seat = Seat(101)
    async with load_venue([seat]) as venue:
        furnish(folder, venue, [seat])
        async with started("-m", "risk_manager", "run", "--home", str(folder)) as daemon:
            await venue.taken([seat], 60)
            await asyncio.sleep(scale.settling)
            return await busy_percent(daemon, scale.idle)


async def bare_idle_percent(scale: Scale) -> float:
    """Measure the least that a process takes which wakes once a second."""
    async with started("-m", "benchmarks.floor") as bare:
        await asyncio.sleep(scale.settling)
        return await busy_percent(bare, scale.idle)


def measure(scale: Scale) -> Figures:
    """Measure everything, one after the other."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        loaded = asyncio.run(first_requests(scale, Path(folder)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        idle = asyncio.run(idle_percent(scale, Path(folder)))
    say(
        f"idle: daemon {idle:.2f} %, a bare loop that wakes once a second {asyncio.run(bare_idle_percent(scale)):.2f} %"
    )
    return Figures(
        p50_ratio=loaded.p50_ratio,
        p99_ratio=loaded.p99_ratio,
        events_per_second=events_per_second(scale.frames, rounds=scale.decoding_rounds),
        megabytes=loaded.megabytes,
        idle_percent=idle,
    )


def measure_busy(scale: Scale) -> str:
    """Measure the load of many positions alone, and put it into words."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        loaded = asyncio.run(first_requests(scale, Path(folder)))
    return (
        f"busy: {len(scale.positions)} accounts, {sum(scale.positions)} positions, {scale.load.quotes} quotes/s: "
        f"first request p50 {loaded.p50_ratio:.2f}x p99 {loaded.p99_ratio:.2f}x floor, "
        f"{loaded.megabytes:.1f} MB, {loaded.busy_percent:.1f} % of a core"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the closing line last."""
    parser = argparse.ArgumentParser(prog="python do.py bench", description=__doc__)
    parser.add_argument("--busy", action="store_true", help="instead: three accounts, ten positions, 2000 quotes/s")
    parser.add_argument("--quick", action="store_true", help="a few seconds: shows that it works, measures nothing")
    parser.add_argument("--screen", action="store_true", help="the trader's screen instead (not on Windows)")
    options = parser.parse_args(arguments)
    if options.screen:
        return _measure_screen(is_quick=options.quick)
    say(measure_busy(BUSY) if options.busy else measure(QUICK if options.quick else FULL).line())
    return 0


def _measure_screen(*, is_quick: bool) -> int:
    """Measure the screen, which needs a terminal that a program can hold."""
    if sys.platform == "win32":
        say("the screen is measured on Linux and macOS only: Windows has no terminal that a program can read back")
        return 1
    say(screen.measure(screen.QUICK if is_quick else screen.FULL))
    return 0


if __name__ == "__main__":
    sys.exit(main())
