"""The lives of a daemon on one home: days pass between them, files are edited, clocks are wrong."""

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from risk_manager.config.configuration import load_what_is_there
from risk_manager.config.files import Home
from risk_manager.core.model.account import Account
from risk_manager.core.policy import Policy
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.demo.processes import free_port
from risk_manager.gateway.errors import GatewayUnavailable
from tests.daemon.fake_venue import ACCOUNT, FakeVenue
from tests.daemon.stage import Stage, home_with, play
from tests.daemon.virtual_time import PlayedMachine

OTHER = ACCOUNT + 1
THREE = "rules: {max_contracts: {limit: 3}}\n"
FIVE = "rules: {max_contracts: {limit: 5}}\n"
TWO = "rules: {max_contracts: {limit: 2}}\n"
ENVIRON = {"KEY": "k"}
TO_RESET = timedelta(hours=8)  # from 14:00 UTC, where every life of a test begins, to 17:00 in Chicago


def write(home: Home, rules: str, *accounts: int, more: str = "") -> None:
    """Write both files by hand; without accounts, the one that there always is."""
    entries = "".join(
        f"  - {{account_id: {one}, username: trader, api_key: 'env:KEY', nickname: N{one}}}\n"
        for one in accounts or (ACCOUNT,)
    )
    home.accounts.write_text(f"{more}accounts:\n{entries}", encoding="utf-8")
    home.risk_config.write_text(f"local_api: {{port: {free_port()}}}\n{rules}", encoding="utf-8")


def live(home: Home, *, days: float = 0, ahead: timedelta = timedelta(), away: bool = False) -> Stage:
    """Let a daemon live for a moment; return it as it was at its end."""
    return live_and(home, lambda _: None, days=days, ahead=ahead, away=away)


def live_and(
    home: Home,
    then: Callable[[Stage], object],
    *,
    days: float = 0,
    ahead: timedelta = timedelta(),
    away: bool = False,
) -> Stage:
    """The venue's time is some days on, the machine's clock ahead of it; an `away` venue answers nothing."""

    def prepare(venue: FakeVenue) -> None:
        venue.listed = [Account(account_id=one, can_trade=True) for one in (ACCOUNT, OTHER)]
        venue.clock.ahead = timedelta(days=days)
        if away:
            venue.login_errors.extend(GatewayUnavailable("away") for _ in range(100))

    async def scene(stage: Stage) -> None:
        if away:
            await asyncio.sleep(30)
        else:
            daemon = stage.daemon
            await stage.until(
                lambda: daemon.roster.logins and all(map(daemon.pipeline.is_live, daemon.pipeline.accounts))
            )
        then(stage)

    return play(home, scene, prepare=prepare, machine=PlayedMachine(ahead=timedelta(days=days) + ahead))


def reload(stage: Stage) -> None:
    stage.daemon.take_on(load_what_is_there(stage.home, environ=ENVIRON))


def policy(stage: Stage, account_id: int = ACCOUNT) -> Policy:
    return stage.daemon.in_force.policies[account_id]


def limit(stage: Stage, account_id: int = ACCOUNT) -> int:
    (rule,) = (rule for rule in policy(stage, account_id).rules if isinstance(rule, MaxContracts))
    return rule.limit


def first_day(tmp_path: Path, rules: str = THREE, accounts: tuple[int, ...] = (ACCOUNT,)) -> Home:
    home = home_with(tmp_path, rules=rules, accounts=accounts)
    live(home)
    return home


def forget_database(home: Home) -> None:
    for path in home.data.glob("state.db*"):
        path.unlink()


def spoil(home: Home) -> None:
    """Break a file that lets the limit be looser still."""
    home.risk_config.write_text("rules: {max_contracts: {limit: 50\n", encoding="utf-8")


def both_gone(home: Home) -> None:
    forget_database(home)
    home.commitment.unlink()


def as_if_dead(stage: Stage) -> Home:
    """Copy a home as a death of the daemon at this very moment would leave it."""
    left = Home(stage.home.folder.with_name(f"{stage.home.folder.name}-left"))
    name = left.database.name
    its_own = shutil.ignore_patterns(name, f"{name}-wal", f"{name}-shm", ".*.new")  # which are being renamed
    shutil.copytree(stage.home.folder, left.folder, ignore=its_own)
    with (
        contextlib.closing(sqlite3.connect(stage.home.database)) as lived,
        contextlib.closing(sqlite3.connect(left.database)) as copied,
    ):
        lived.backup(copied)  # file by file the writer's thread would come between
    return left
