"""A venue with a door for each login: keys that it takes, the accounts that each of them shows, and who has come."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from risk_manager.config.configuration import load_what_is_there
from risk_manager.config.files import Home
from risk_manager.config.secrets import SecretVault
from risk_manager.core.model.account import Account
from risk_manager.demo.processes import free_port
from risk_manager.gateway.errors import GatewayRefused, GatewayUnavailable
from tests.daemon.fake_venue import ACCOUNT, FakeVenue
from tests.daemon.lives import OTHER
from tests.daemon.stage import Stage, play
from tests.daemon.virtual_time import PlayedMachine

HERE, ELSEWHERE = "https://api.topstepx.com", "http://127.0.0.1:9"
BOTH = (ACCOUNT, OTHER)
MINE = (ACCOUNT, "trader", "secret:trader")
AWAY = f"gateway: {{api: '{ELSEWHERE}'}}\n"
FAR = timedelta(days=400)


class World:
    """What the venue thinks of logins (`shows`: by username and key the accounts), at every address the same."""

    def __init__(self) -> None:
        self.shows: dict[tuple[str, str], tuple[int, ...]] = {("trader", "k0"): BOTH}
        self.is_away = False
        self.came: list[tuple[str, str, str]] = []
        self.opened: list[Door] = []

    @property
    def addresses(self) -> set[str]:
        return {api for api, _, _ in self.came}

    @property
    def logins(self) -> list[tuple[str, str]]:
        """Who has come, each once, in the order of their first coming."""
        return list(dict.fromkeys((username, key) for _, username, key in self.came))


class Door(FakeVenue):
    """The venue as one login sees it."""

    def __init__(self, world: World, api: str = HERE, username: str = "", key: str = "") -> None:
        super().__init__()
        self.world, self.api, self.username, self.key = world, api, username, key
        world.opened.append(self)

    def for_login(self, api: str, username: str, api_key: str) -> FakeVenue:
        door = Door(self.world, api, username, api_key)
        door.heard, door.clock = self.heard, self.clock
        return door

    def take_key(self, api_key: str) -> None:
        super().take_key(api_key)
        self.key = api_key

    async def log_in(self) -> None:
        self.world.came.append((self.api, self.username, self.key))
        if self.world.is_away:
            raise GatewayUnavailable("away")
        shown = self.world.shows.get((self.username, self.key))
        if shown is None:
            raise GatewayRefused("the venue refused the login (code 3): user name or key is wrong")
        self.listed = [Account(account_id=one, can_trade=True) for one in shown]
        await super().log_in()


def write_accounts(home: Home, *entries: tuple[int, str, str], gateway: str = "") -> None:
    """Write who is watched, by account, username and name of the key."""
    lines = [f"  - {{account_id: {one}, username: {username}, api_key: '{key}'}}\n" for one, username, key in entries]
    home.accounts.write_text(f"{gateway}accounts:\n{''.join(lines)}", encoding="utf-8")


def new_home(folder: Path, *entries: tuple[int, str, str], more: str = "") -> Home:
    """Make a home whose one key, `secret:trader`, is `k0`."""
    home = Home(folder)
    home.create_folders()
    SecretVault(home).store("trader", "k0")
    write_accounts(home, *(entries or ((ACCOUNT, "trader", "secret:trader"),)))
    home.risk_config.write_text(f"local_api: {{port: {free_port()}}}\nrules: {{max_contracts: {{limit: 3}}}}\n{more}")
    return home


def life(
    home: Home,
    world: World,
    then: Callable[[Stage], object] = lambda _: None,
    *,
    days: float = 0,
    ahead: timedelta = timedelta(),
    seconds: float = 5,
) -> Stage:
    """Let a daemon live for some seconds after what is done `then`; forget who came before."""
    world.came.clear()
    world.opened.clear()

    async def scene(stage: Stage) -> None:
        await asyncio.sleep(seconds)
        then(stage)
        await asyncio.sleep(seconds)

    def prepare(venue: FakeVenue) -> None:
        venue.clock.ahead = timedelta(days=days)

    machine = PlayedMachine(ahead=timedelta(days=days) + ahead)
    return play(home, scene, prepare=prepare, machine=machine, open_venue=lambda: Door(world))


def lived_in(folder: Path, world: World, *entries: tuple[int, str, str], more: str = "") -> Home:
    """Make a home as `new_home` does, in which a daemon has lived: its accounts are held."""
    home = new_home(folder, *entries, more=more)
    life(home, world)
    return home


def store_key(home: Home, key: str, *, of: str = "trader") -> None:
    """Store a key by hand, in place of the one that a user has."""
    SecretVault(home).store(of, key)


def reload(stage: Stage) -> None:
    stage.daemon.take_on(load_what_is_there(stage.home))


def waits(stage: Stage, account_id: int = ACCOUNT) -> list[str]:
    return [one.what for one in stage.daemon.commitments.pending_of(account_id)]


def is_live(stage: Stage, account_id: int = ACCOUNT) -> bool:
    return stage.daemon.pipeline.is_live(account_id)
