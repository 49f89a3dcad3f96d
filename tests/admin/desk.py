"""A home with an admin before it: by command, by keys, and with a daemon that really runs."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from risk_manager.admin.command import carry_out
from risk_manager.admin.dialogue import Dialogue, PipedDialogue, TerminalDialogue
from risk_manager.admin.office import Office
from risk_manager.admin.password import set_password
from risk_manager.admin.words import parser
from risk_manager.config.configuration import load
from risk_manager.config.files import Home
from risk_manager.core.model.account import Account
from risk_manager.daemon.bootstrap import _password_check
from risk_manager.daemon.conductor import Daemon
from risk_manager.demo.processes import free_port
from risk_manager.gateway.port import Venue
from risk_manager.simulator.exchange.accounts import AccountSpec
from risk_manager.simulator.venue import DEFAULT_ACCOUNTS, running_venue
from risk_manager.simulator.venue import Venue as SimulatedVenue
from risk_manager.store.daemon_lock import hold
from risk_manager.store.database import open_database
from tests.daemon.fake_venue import FakeVenue
from tests.daemon.virtual_time import LoopClock
from tests.patience import patience

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
RIGHT = "correct horse"
ENVIRON = {"KEY": "k"}
DOWN, UP, ENTER, CTRL_C = "\x1b[B", "\x1b[A", "\r", "\x03"
PATIENCE = patience(30)

ACCOUNTS = """\
# who is watched
accounts:
  - account_id: 1001   # the first
    username: trader
    api_key: env:KEY
    nickname: Main
  - account_id: 1002
    username: trader
    api_key: env:KEY
    nickname: Combine
"""
RULES = """\
# my rules
mode: enforce
rules:
  daily_realized_loss:
    loss_limit: 800   # dollars, and no more
    basis: realized
  max_contracts: {limit: 3, on_breach: close_all}
"""


class StandingClock:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


class Desk:
    """What an admin types, and what he is told."""

    def __init__(self, folder: Path, *, rules: str = RULES, accounts: str = ACCOUNTS) -> None:
        self.home = Home(folder / "home")
        self.home.create_folders()
        self.port = free_port()
        self.home.risk_config.write_text(f"{rules}local_api: {{port: {self.port}}}\n", encoding="utf-8")
        self.home.accounts.write_text(accounts, encoding="utf-8")
        set_password(self.home, RIGHT, rounds=4)
        self.clock = StandingClock()
        self.said: list[str] = []
        self.complained: list[str] = []

    @property
    def told(self) -> str:
        return "\n".join(self.said)

    @property
    def complaint(self) -> str:
        return "\n".join(self.complained)

    @property
    def rules(self) -> str:
        return self.home.risk_config.read_text(encoding="utf-8")

    @property
    def accounts(self) -> str:
        return self.home.accounts.read_text(encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.home.config.iterdir())}

    def office(self, lines: Sequence[str] = (RIGHT,)) -> Office:
        waiting = iter(lines)
        return Office(
            home=self.home,
            clock=self.clock,
            ask=PipedDialogue(lambda: next((f"{line}\n" for line in waiting), "")),
            say=self.said.append,
            environ=ENVIRON,
            password=RIGHT,
            rounds=4,
        )

    def command(self, *words: str, lines: Sequence[str] = (RIGHT,)) -> int:
        """Give one command, with the lines of standard input."""
        self.said.clear()
        self.complained.clear()
        return carry_out(self.office(lines), parser().parse_args(words), complain=self.complained.append)

    def keys(
        self, *keys: str, words: Sequence[str] = (), password: str = RIGHT + ENTER, ask: Dialogue | None = None
    ) -> int:
        """Sit at a terminal and press keys, the password first; in the end Ctrl-C leads out of everything."""
        self.said.clear()
        self.complained.clear()
        with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
            keyboard.send_text(password + "".join(keys) + CTRL_C * 8)
            office = self.office()
            office.ask = ask or TerminalDialogue({})
            return carry_out(office, parser().parse_args(list(words)), complain=self.complained.append)


@contextmanager
def in_a_loop_of_its_own(scene: Callable[[Callable[[], None], asyncio.Event], Awaitable[None]]) -> Iterator[None]:
    """Run a coroutine function in a thread until the block ends; it calls the first argument when it is ready."""
    ready, failures = threading.Event(), list[BaseException]()
    ends: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        end = asyncio.Event()
        ends.append((asyncio.get_running_loop(), end))
        await scene(ready.set, end)

    def live() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            failures.append(error)
            ready.set()
            raise

    thread = threading.Thread(target=live)
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        assert not failures, failures
        yield
    finally:
        for loop, end in ends:
            if not loop.is_closed():
                loop.call_soon_threadsafe(end.set)
        thread.join(PATIENCE)


@contextmanager
def running_daemon(desk: Desk) -> Iterator[Daemon]:
    """A daemon at work on the home, before a played venue."""
    found: list[Daemon] = []
    lock = hold(desk.home.daemon_lock)
    database = open_database(desk.home.database)

    async def scene(ready: Callable[[], None], end: asyncio.Event) -> None:
        def make_venue(*_: object) -> Venue:
            venue = FakeVenue()
            venue.listed = [Account(account_id=one, name=f"N{one}", can_trade=True) for one in (1001, 1002)]
            return venue

        daemon = Daemon(
            desk.home,
            load(desk.home, environ=ENVIRON),
            database=database,
            clock=LoopClock(),
            make_venue=make_venue,
            check_password=_password_check(desk.home),
        )
        found.append(daemon)
        running = asyncio.create_task(daemon.run())
        while not all(daemon.pipeline.is_live(one) for one in daemon.pipeline.accounts) or daemon.api.server is None:
            await asyncio.sleep(0.005)
            if running.done():
                break
        ready()
        await end.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    try:
        with in_a_loop_of_its_own(scene):
            yield found[0]
    finally:
        database.close()
        lock.release()


@contextmanager
def simulated_venue(accounts: Sequence[AccountSpec] = DEFAULT_ACCOUNTS) -> Iterator[SimulatedVenue]:
    """The simulated TopstepX, over real sockets."""
    found: list[SimulatedVenue] = []

    async def scene(ready: Callable[[], None], end: asyncio.Event) -> None:
        async with running_venue(accounts=accounts) as venue:
            found.append(venue)
            ready()
            await end.wait()

    with in_a_loop_of_its_own(scene):
        yield found[0]


def gateway_section(venue: SimulatedVenue) -> str:
    """What accounts.yaml says of where the venue is."""
    return f"gateway: {{api: '{venue.api}', user_hub: '{venue.user_hub}', market_hub: '{venue.market_hub}'}}\n"
