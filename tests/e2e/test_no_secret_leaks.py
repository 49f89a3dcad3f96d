"""After a day with everything in it, no secret stands in anything that the daemon wrote, said or sent."""

import asyncio
import contextlib
import json
import sqlite3
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from risk_manager.admin.password import set_password
from risk_manager.config.files import Home
from risk_manager.config.secrets import SecretVault
from risk_manager.demo.processes import daemon, free_port
from risk_manager.local_api.client import connect
from risk_manager.local_api.commands import Result
from risk_manager.local_api.commands import Session as Granted
from risk_manager.simulator.deeds import DEEDS
from risk_manager.simulator.venue import Venue, running_venue
from tests.e2e.kit import ACCOUNT, PROGRAM, comes_true
from tests.patience import patience

pytestmark = pytest.mark.e2e
API_KEY, PASSWORD, HOOK_TOKEN = "k3y-of-the-trader-4711", "correct horse battery", "hook-t0ken-0815"
GUESS = "wrong horse 1234"
ACCOUNTS = """\
gateway: {{api: "{api}", user_hub: "{user_hub}", market_hub: "{market_hub}"}}
accounts:
  - {{account_id: 1001, username: trader, api_key: "secret:trader", nickname: Main}}
"""
RULES = """\
local_api: {{port: {port}}}
feed: {{poll_every: 1s, slow_poll_every: 2s}}
rules: {{max_contracts: {{limit: 2}}}}
alerts:
  - {{kind: webhook, url: "secret:hook"}}
"""
OTHERS = 0 if sys.platform == "win32" else 0o077
"""Bits by which others may use a file; Windows has lists of rights instead, those of the folder."""
MAY_HOLD = {"admin_password.hash", "secrets.key", "secrets.enc"}


@dataclass
class Service:
    """A webhook that at first refuses everything, quoting what it was sent, and takes it later."""

    url: str = ""
    taken: list[str] = field(default_factory=list)
    is_refusing: bool = True

    async def receive(self, request: web.Request) -> web.Response:
        text = await request.text()
        if self.is_refusing:
            return web.Response(status=500, text=f"cannot take {request.url}")
        self.taken.append(text)
        return web.Response()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_post("/{tail:.*}", service.receive)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/{HOOK_TOKEN}"
        yield service
    finally:
        await runner.cleanup()


def furnish(folder: Path, venue: Venue, service: Service, port: int) -> Home:
    home = Home(folder)
    home.create_folders()
    where = {"api": venue.api, "user_hub": venue.user_hub, "market_hub": venue.market_hub}
    home.accounts.write_text(ACCOUNTS.format(**where), encoding="utf-8")
    home.risk_config.write_text(RULES.format(port=port), encoding="utf-8")
    SecretVault(home).store("trader", API_KEY)
    SecretVault(home).store("hook", service.url)
    set_password(home, PASSWORD, rounds=4)
    return home


def act(venue: Venue, deed: str, /, **values: object) -> None:
    kind, what = DEEDS[deed]
    what(venue.deeds, msgspec.convert(values, kind, strict=False))
    venue.stage.pump()


def token_of(venue: Venue) -> str:
    return next(reversed(venue.stage.sessions._by_token))  # what the venue gave out is told nowhere else


def flat_again(venue: Venue) -> bool:
    account = venue.stage.exchange.accounts[ACCOUNT]
    return not account.positions and len(account.trades) > 1


async def command(port: int, password: str) -> str:
    """Log in, and command if that works; return the token."""
    async with connect(port, patience=patience(10)) as connection:
        answer = await connection.log_in(password)
        if not isinstance(answer, Granted):
            return ""
        done = await connection.command(answer.token, "lock_now", {"account_id": ACCOUNT})
        assert isinstance(done, Result)
        return answer.token


async def looks(what: Any) -> bool:
    return bool(what())


async def live_through_everything(home: Home, venue: Venue, service: Service, port: int) -> set[str]:
    """Breach, lock, refusals that quote secrets, wrong and right passwords, a death; return all that is secret."""
    secrets = {API_KEY, PASSWORD, HOOK_TOKEN, GUESS}
    log = home.folder / "said.txt"
    bad_login = '{"token": "%s", "success": tru'
    act(venue, "faults/rest", endpoint="loginKey", status=200, body=bad_login % "half-a-t0ken")
    secrets.add("half-a-t0ken")
    async with daemon(home.folder, program=PROGRAM, log=log) as process:
        await comes_true(lambda: looks(lambda: venue.stage.hubs.of_hub("user")), bool, log)
        secrets.add(token_of(venue))
        for status in (500, 400, 403):
            act(venue, "faults/rest", endpoint="searchOpen", status=status, body=f"{token_of(venue)} is not liked")
        quoted = f"Bearer {token_of(venue)} with {API_KEY} may not"
        act(venue, "faults/rest", endpoint="closeContract", code=3, text=quoted)
        act(venue, "place", account=ACCOUNT, contract="MNQ", side="buy", size=3)
        await comes_true(lambda: looks(lambda: flat_again(venue)), bool, log)
        await command(port, GUESS)
        act(venue, "expire_tokens")
        act(venue, "hub", deed="drop")
        await comes_true(lambda: looks(lambda: token_of(venue) not in secrets), bool, log)
        secrets.add(token_of(venue))
        process.kill()
        await process.wait()
    service.is_refusing = False
    async with daemon(home.folder, program=PROGRAM, log=log):
        await comes_true(lambda: looks(lambda: service.taken), bool, log)
        await comes_true(lambda: looks(lambda: venue.stage.hubs.of_hub("user")), bool, log)
        granted = await command(port, PASSWORD)
        assert granted
        secrets |= {granted, token_of(venue)}
        await run_to_its_end(home, log, "status", "--json")
        act(venue, "logout")
        await comes_true(lambda: looks(lambda: token_of(venue) not in secrets), bool, log)
        secrets.add(token_of(venue))
    await run_to_its_end(home, log, "status")
    await run_to_its_end(home, log, "check")
    await run_to_its_end(home, log, "locate")
    await run_to_its_end(home, log, "admin", "backup", str(home.folder / "backup.zip"), typed=PASSWORD)
    return secrets


async def run_to_its_end(home: Home, log: Path, *arguments: str, typed: str = "") -> None:
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(*PROGRAM, *arguments[:1], "--home", str(home.folder), *arguments[1:]),
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
        )
        await process.communicate(f"{typed}\n".encode())


def written(home: Home) -> Iterator[tuple[str, bytes]]:
    """Everything that stands in the home after that day, the rows of the database in the clear too."""
    for path in sorted(home.folder.rglob("*")):
        if path.is_file() and path.name not in MAY_HOLD:
            yield str(path.relative_to(home.folder)), path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    for name in archive.namelist():
                        if Path(name).name not in MAY_HOLD:
                            yield f"{path.name}: {name}", archive.read(name)
    with contextlib.closing(sqlite3.connect(home.database)) as database:
        for line in database.iterdump():
            yield "state.db, dumped", line.encode()


async def test_no_secret_stands_in_anything_that_was_written_said_or_sent(tmp_path: Path) -> None:
    port = free_port()
    async with serving() as service, running_venue(users={"trader": API_KEY}) as venue:
        home = furnish(tmp_path / "home", venue, service, port)
        secrets = await live_through_everything(home, venue, service, port)
        everything = [*written(home), ("webhook", json.dumps(service.taken).encode())]
    assert len(everything) > 8
    assert len(secrets) > 6
    names = {name for name, _ in everything}
    assert {"said.txt", "webhook", "backup.zip: config/secrets.json", "backup.zip: data/state.db"} <= names
    assert {str(Path("logs", "daemon.log")), str(Path("data", "state.db"))} <= names
    found = {(name, secret) for name, content in everything for secret in secrets if secret.encode() in content}
    assert not found


async def test_what_stands_in_the_files_in_the_clear_stands_nowhere_else_though_they_break(tmp_path: Path) -> None:
    port = free_port()
    async with serving() as service, running_venue(users={"trader": API_KEY}) as venue:
        service.is_refusing = False
        home = furnish(tmp_path / "home", venue, service, port)
        log = home.folder / "said.txt"
        open_accounts = home.accounts.read_text(encoding="utf-8").replace("secret:trader", API_KEY)
        open_rules = home.risk_config.read_text(encoding="utf-8").replace("secret:hook", service.url)
        home.secrets.unlink()
        home.accounts.write_text(open_accounts, encoding="utf-8")
        home.risk_config.write_text(open_rules, encoding="utf-8")
        async with daemon(home.folder, program=PROGRAM, log=log):
            await comes_true(lambda: looks(lambda: '"alert webhook url"' in written_down(home.commitment)), bool, log)
        # each file breaks right beside its secret
        home.accounts.write_text(open_accounts.replace("api_key:", "key:"), encoding="utf-8")
        home.risk_config.write_text(f"{open_rules}  - {{kind: slack, adress: '{service.url}'}}\n", encoding="utf-8")
        async with daemon(home.folder, program=PROGRAM, log=log):
            await comes_true(lambda: looks(lambda: "files are broken" in "".join(service.taken)), bool, log)
            await run_to_its_end(home, log, "status", "--json")
        home.risk_config.write_text(f"{open_rules}  - {{kind: slack, url: '{service.url}\n", encoding="utf-8")
        home.accounts.write_text(f"{open_accounts}  - {{api_key: {API_KEY}: x}}\n", encoding="utf-8")
        async with daemon(home.folder, program=PROGRAM, log=log):
            await run_to_its_end(home, log, "check")
            await run_to_its_end(home, log, "status")
            await run_to_its_end(home, log, "admin", "backup", str(home.folder / "backup.zip"), typed=PASSWORD)
        secrets = {API_KEY, PASSWORD, HOOK_TOKEN}
        by_hand = {home.accounts.name, home.risk_config.name}
        everything = [one for one in written(home) if Path(one[0]).name not in by_hand]
        everything.append(("webhook", json.dumps(service.taken).encode()))
    assert not (home.folder / "backup.zip").exists()
    assert {(name, secret) for name, content in everything for secret in secrets if secret.encode() in content} == set()


def written_down(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


async def test_whatever_the_daemon_creates_nobody_else_can_read(tmp_path: Path) -> None:
    port = free_port()
    async with serving() as service, running_venue(users={"trader": API_KEY}) as venue:
        service.is_refusing = False
        home = furnish(tmp_path / "home", venue, service, port)
        given = {home.accounts, home.risk_config}
        async with daemon(home.folder, program=PROGRAM, log=tmp_path / "said.txt"):
            await comes_true(lambda: looks(lambda: venue.stage.hubs.of_hub("user")), bool, tmp_path / "said.txt")
            await command(port, PASSWORD)
            modes = {path: path.stat().st_mode & OTHERS for path in home.folder.rglob("*") if path not in given}
    assert any(path.name == "state.db-wal" for path in modes)
    assert any(path.suffix == ".log" for path in modes)
    assert {str(path): oct(mode) for path, mode in modes.items() if mode} == {}
