"""The daemon as people run it: `risk-manager run` on a home of its own, in a process of its own."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

import psutil

from benchmarks.seats import Seat
from benchmarks.venue import LoadVenue
from risk_manager.demo.processes import free_port

MEGABYTE: Final = 1_000_000
_ACCOUNTS: Final = """\
gateway:
  api: http://127.0.0.1:{rest}
  user_hub: http://127.0.0.1:{hubs}/hubs/user
  market_hub: http://127.0.0.1:{hubs}/hubs/market
accounts:
"""
ALL_RULES: Final = """\
rules:
  max_contracts: {limit: 20, count_type: gross, micros_count_as: 0.1, on_breach: reduce_to_limit}
  max_contracts_per_instrument:
    {limits: {ES: 2, NQ: 2}, unknown_symbol_action: allow_with_limit:2, on_breach: close_position, lockout: 1s}
  daily_realized_loss: {loss_limit: 800, basis: realized_plus_open}
  daily_unrealized_loss: {loss_limit: 300, scope: per_position}
  max_unrealized_profit: {mode_of_exit: breakeven, arm_profit: 300, profit_target: 1000}
  trade_frequency_limit: {limits: {per_minute: 1000, per_hour: 2000, per_session: 4000}}
  cooldown_after_loss: {loss_thresholds: [{loss_amount: 100, cooldown: 5m}, {loss_amount: 250, cooldown: 15m}]}
  no_stop_loss_grace: {grace_period: 30s}
  session_block_outside:
    global_session: {start: "17:00", end: "17:00", timezone: America/Chicago}
    days: [mon, tue, wed, thu, fri, sat, sun]
    respect_holidays: false
  auth_loss_guard: {verify_every: 60s}
  symbol_blocks: {blocked_symbols: [MBT, MET]}
  trade_management:
    auto_stop: {ticks: 400}
    auto_breakeven: {trigger_ticks: 400, offset_ticks: 2}
    trailing_stop: {activation_ticks: 800, distance_ticks: 40, step_ticks: 4}
  daily_realized_profit: {profit_target: 15000, basis: realized}
"""
"""All thirteen; only the limit of two contracts of an instrument is broken, which closes and locks for a second."""


def furnish(folder: Path, venue: LoadVenue, seats: Sequence[Seat]) -> None:
    """Write a home that watches these seats, each by its own login."""
    config = folder / "config"
    config.mkdir(parents=True)
    accounts = _ACCOUNTS.format(rest=venue.rest_port, hubs=venue.hub_port)
    for seat in seats:
        accounts += f"  - {{account_id: {seat.account_id}, username: {seat.username}, api_key: bench}}\n"
    (config / "accounts.yaml").write_text(accounts, encoding="utf-8")
    rules = f"local_api: {{port: {free_port()}}}\n{ALL_RULES}"
    (config / "risk_config.yaml").write_text(rules, encoding="utf-8")


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[psutil.Popen]:
    """Run a Python program of this clone beside us; it ends with the block."""
    root = Path(__file__).parent.parent
    paths = [str(root / "src"), str(root), os.environ.get("PYTHONPATH", "")]
    program = psutil.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    try:
        yield program
    finally:
        program.terminate()
        try:
            await asyncio.to_thread(program.wait, 20)  # the venue must answer its farewell
        except psutil.TimeoutExpired:
            program.kill()
            program.wait()


def resident_megabytes(program: psutil.Popen) -> float:
    """Tell how much memory a process holds now, with those it started (a virtual environment's on Windows)."""
    return float(sum(one.memory_info().rss for one in _family(program))) / MEGABYTE


async def busy_percent(program: psutil.Popen, seconds: float) -> float:
    """Tell what share of one core a process uses while nothing happens."""
    with watched(program) as share:
        await asyncio.sleep(seconds)
    return share()


@contextmanager
def watched(program: psutil.Popen) -> Iterator[Callable[[], float]]:
    """Give what tells, after the block, the percentage of one core that a process used in it."""
    measured: list[float] = []
    before, begun = _cpu_seconds(program), perf_counter()
    yield lambda: measured[0]
    measured.append((_cpu_seconds(program) - before) / (perf_counter() - begun) * 100)


def _cpu_seconds(program: psutil.Popen) -> float:
    times = [one.cpu_times() for one in _family(program)]
    return float(sum(one.user + one.system for one in times))


def _family(program: psutil.Popen) -> list[psutil.Process]:
    """List a process and its children: on Windows the `python` of a virtual environment starts the real one."""
    return [program, *program.children(recursive=True)]
