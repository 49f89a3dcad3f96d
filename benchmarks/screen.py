"""The trader's screen in a terminal of its own: how soon it shows an enforcement, and what it costs to watch prices."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter_ns

import psutil

from benchmarks.figures import percentile
from benchmarks.product import busy_percent, furnish, started
from benchmarks.seats import Seat
from benchmarks.venue import load_venue
from risk_manager.daemon.clock import Clock, SystemClock
from risk_manager.daemon.telling.health_watch import EVERY as PARTS_EVERY
from risk_manager.daemon.telling.pnl_curve import MOST
from risk_manager.daemon.telling.publisher import RULES_EVERY
from risk_manager.local_api.commands import Result
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import (
    AccountRules,
    AccountStatus,
    DaemonStatus,
    HeldPosition,
    RuleStatus,
    Snapshot,
)
from risk_manager.local_api.part_status import WELL, PartStatus, PartsTold
from risk_manager.local_api.quotes import MarkedPosition, MarketQuote
from risk_manager.local_api.server import Server
from risk_manager.local_api.trading_day import PnlPoint

ACCOUNT = 101
CONTRACTS = 5
QUOTES_EACH = 10
"""Prices a second of every contract: the most that the daemon tells."""
LIMITED = ("daily_realized_loss", "daily_unrealized_loss", "max_contracts", "daily_realized_profit")
PARTS = ("login", "user_feed", "market_feed", "rest", "account", "enforcement", "clock", "store", "local_api")
STANDING = "MAY TRADE"
"""What the screen says as soon as it knows an account that nothing is amiss with."""
_ROOT = Path(__file__).parent.parent
_MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenScale:
    """How much is measured; lengths in seconds."""

    enforcements: int
    pause: float
    """Long enough for the venue's request budget: five of its 200 a minute go into closing one and proving it."""
    watching: float
    settling: float
    """How long the screen is left alone after it has shown the account."""


FULL = ScreenScale(enforcements=60, pause=2.4, watching=20.0, settling=4.0)
QUICK = ScreenScale(enforcements=3, pause=1.1, watching=1.0, settling=2.0)


class Terminal:
    """A terminal in which the screen runs: what it writes, and when."""

    def __init__(self, program: psutil.Popen, descriptor: int) -> None:
        self.program = program
        self._descriptor = descriptor
        self._expected: asyncio.Future[int] | None = None
        self._sign = b""
        self._read = b""

    def read(self) -> None:
        """Take in what the screen has written."""
        try:
            text = os.read(self._descriptor, 1 << 16)
        except OSError:  # the screen has ended
            asyncio.get_running_loop().remove_reader(self._descriptor)
            return
        if self._expected is None or self._expected.done():
            return
        self._read += text
        if self._sign in self._read:
            self._expected.set_result(perf_counter_ns())
        self._read = self._read[-len(self._sign) :]  # a terminal gives its text in pieces

    def expect(self, sign: str) -> "asyncio.Future[int]":
        """Await words that were not on the screen before: the nanosecond at which they are read."""
        self._expected, self._sign, self._read = asyncio.get_running_loop().create_future(), sign.encode(), b""
        return self._expected


def headline(contract_id: str) -> str:
    """The words with which the screen begins to tell of an enforcement in a contract."""
    return f"Max contracts {contract_id.split('.')[3]}:"


@contextmanager
def _pseudo_terminal(columns: int, rows: int) -> Iterator[tuple[int, int]]:
    if sys.platform == "win32":
        raise OSError("Windows has no terminal that a program can read back")
    import fcntl  # noqa: PLC0415  not on Windows, where nothing of this is called
    import pty  # noqa: PLC0415  likewise
    import struct  # noqa: PLC0415  likewise
    import termios  # noqa: PLC0415  likewise

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    try:
        yield ours, theirs
    finally:
        os.close(ours)


@asynccontextmanager
async def screen_on(home: Path, *, columns: int, rows: int) -> AsyncIterator[Terminal]:
    """Run `risk-manager trader` in a terminal of this size, from the moment on in which it shows the account."""
    with _pseudo_terminal(columns, rows) as (ours, theirs):
        paths = os.pathsep.join(filter(None, (str(_ROOT / "src"), os.environ.get("PYTHONPATH", ""))))
        program = psutil.Popen(
            [sys.executable, "-m", "risk_manager", "trader", "--home", str(home)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "PYTHONPATH": paths, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )
        os.close(theirs)
        terminal = Terminal(program, ours)
        loop = asyncio.get_running_loop()
        loop.add_reader(ours, terminal.read)
        try:
            async with asyncio.timeout(60):
                await terminal.expect(STANDING)
            yield terminal
        finally:
            loop.remove_reader(ours)
            program.terminate()
            await asyncio.to_thread(program.wait, 20)


async def delays_to_screen(scale: ScreenScale) -> list[int]:
    """Measure, from the close read at the venue to the sign on the screen, in nanoseconds."""
    seat, delays = Seat(ACCOUNT), list[int]()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with load_venue([seat]) as venue:
            furnish(Path(folder), venue, [seat])
            async with started("-m", "risk_manager", "run", "--home", folder):
                await venue.taken([seat], 60)
                async with screen_on(Path(folder), columns=160, rows=48) as terminal:
                    await asyncio.sleep(scale.settling)
                    for _ in range(scale.enforcements):
                        shown = terminal.expect(headline(seat.next_breached))
                        seat.breach()
                        async with asyncio.timeout(10):
                            seen_at = await shown
                        delays.append(seen_at - seat.written_at - seat.delays[-1])
                        await asyncio.sleep(scale.pause)
    return delays


async def watching_percent(scale: ScreenScale, *, columns: int, rows: int) -> float:
    """Measure the screen's share of a core while fifty prices a second come in."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Server(snapshot=lambda: _snapshot(clock), on_command=_refuse, seconds=lambda: clock.now().timestamp())
        await server.start(0)
        (Path(folder) / "config").mkdir()
        config = Path(folder) / "config" / "risk_config.yaml"
        config.write_text(f"local_api: {{port: {server.port}}}\nrules: {{}}\n", encoding="utf-8")
        telling = (asyncio.create_task(tell_prices(server, clock)), asyncio.create_task(tell_parts(server, clock)))
        try:
            async with screen_on(Path(folder), columns=columns, rows=rows) as terminal:
                await asyncio.sleep(scale.settling)
                return await busy_percent(terminal.program, scale.watching)
        finally:
            for each in telling:
                each.cancel()
            await server.aclose()


async def _refuse(_command: str, _arguments: object) -> Result:
    return Result(ok=False, message="nothing can be asked here")


async def tell_prices(server: Server, clock: Clock) -> None:
    """Tell prices that always move, and as often as the daemon does the limits that follow them."""
    number = 0

    def rules() -> Message:
        return Message(ACCOUNT, AccountRules(rules=_rules(Decimal(number % 400))))

    while True:
        server.broadcast_latest("rules", rules, every=RULES_EVERY)
        for contract in range(CONTRACTS):
            number += 1
            pnl = Decimal(number % 97) / 4
            marked = MarkedPosition(
                account_id=ACCOUNT, mark=5800 + pnl, unrealized_pnl=pnl * 50, account_unrealized_pnl=pnl * 250
            )
            contract_id = f"CON.F.US.B{contract}.Z26"
            quote = MarketQuote(
                contract_id=contract_id, root=f"B{contract}", at=clock.now(), last=5800 + pnl, positions=(marked,)
            )
            server.broadcast(Message(None, quote))
            await asyncio.sleep(1 / (CONTRACTS * QUOTES_EACH))


async def tell_parts(server: Server, clock: Clock) -> None:
    """Tell of the daemon's parts, and what time it is, as often as the daemon does."""
    parts = tuple(PartStatus(name=name, state=WELL, since=clock.now(), meaning="is well", age=0.4) for name in PARTS)
    while True:
        server.broadcast_latest("parts", lambda: Message(None, PartsTold(at=clock.now(), parts=parts)))
        await asyncio.sleep(PARTS_EVERY - clock.now().timestamp() % PARTS_EVERY)


def _snapshot(clock: Clock) -> Snapshot:
    """Tell of a day late in its course, whose chart is the most that the screen ever has to draw."""
    now = clock.now()
    positions = tuple(
        HeldPosition(
            contract_id=f"CON.F.US.B{one}.Z26",
            root=f"B{one}",
            side="long",
            size=1,
            average_price=Decimal(5800),
            quote_at=now,
        )
        for one in range(CONTRACTS)
    )
    account = AccountStatus(
        id=ACCOUNT,
        nickname="Main",
        can_trade=True,
        balance=Decimal(50000),
        realized_pnl=Decimal(0),
        unrealized_pnl=Decimal(0),
        positions=positions,
        rules=_rules(Decimal(100)),
        pnl_curve=tuple(
            PnlPoint(now - timedelta(minutes=MOST - one), Decimal(one % 50), Decimal(one % 37)) for one in range(MOST)
        ),
    )
    return Snapshot(at=now, daemon=DaemonStatus(state="live", since=now, version="0"), accounts=(account,))


def _rules(measured: Decimal) -> tuple[RuleStatus, ...]:
    limit = Decimal(500)
    return tuple(
        RuleStatus(name=name, measured=measured, limit=limit, utilization=float(measured / limit)) for name in LIMITED
    )


def measure(scale: ScreenScale) -> str:
    """Measure both, and write the closing line."""
    delays = asyncio.run(delays_to_screen(scale))
    large = asyncio.run(watching_percent(scale, columns=160, rows=48))
    small = asyncio.run(watching_percent(scale, columns=80, rows=24))
    p50, p99 = (percentile(delays, share) / _MILLISECOND for share in (0.5, 0.99))
    return (
        f"screen: venue to screen p50 {p50:.0f} ms p99 {p99:.0f} ms over {len(delays)}, "
        f"at {CONTRACTS * QUOTES_EACH} quotes/s {large:.1f} % of a core at 160x48, {small:.1f} % at 80x24"
    )
