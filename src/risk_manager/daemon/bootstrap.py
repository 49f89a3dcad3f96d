"""From a home folder to a running daemon and its exit code."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from risk_manager.config.configuration import Configuration
from risk_manager.config.files import Home
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.daemon.clock import Clock, VenueClock
from risk_manager.daemon.commitment.outlook import read_or_held
from risk_manager.daemon.conductor import Daemon
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.event_loop import make_loop
from risk_manager.daemon.interpreter import leave_what_lasts, prefer_the_loop
from risk_manager.daemon.logs import open_logs
from risk_manager.daemon.stop_signals import stopping_on_signals
from risk_manager.gateway.port import Heard, Venue
from risk_manager.local_api.sessions import NOT_SET, LoginRefused
from risk_manager.store.daemon_lock import DaemonLock, HomeInUseError, hold_home, hold_unwritable
from risk_manager.store.database import Database, open_for_daemon, open_in_memory, open_when_free
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError

DONE, NO, WRONG_CONFIGURATION = 0, 1, 2
"""Exit codes: stopped as asked; the home is held or cannot be read; the configuration is refused."""

log = EventLog("daemon")


def topstepx(
    configuration: Configuration, username: str, api_key: str, clock: Clock, *, heard: Heard | None = None
) -> Venue:
    """Speak to TopstepX, or to what the configuration names in its place."""
    from risk_manager.gateway.client import TopstepX  # noqa: PLC0415  a daemon under test has another venue

    return TopstepX(
        username=username,
        api_key=api_key,
        now=clock.now,
        heard=heard,
        api=configuration.gateway.api,
        user_hub=configuration.gateway.user_hub,
        market_hub=configuration.gateway.market_hub,
        misread=lambda excerpt, reason: log.warning("misread", excerpt=excerpt, reason=reason),
    )


def run(home: Home, *, say: Callable[[str], None] = print) -> int:
    """Run the daemon until it is told to stop; return the exit code.

    A home that cannot be written is no reason to protect nobody: everything goes on in memory, and people are told.
    """
    unwritable: list[str] = []
    with _noting(unwritable):
        home.create_folders()
    configuration = _configuration(home, unwritable, say)
    if isinstance(configuration, int):
        return configuration
    close_logs: Callable[[], None] = _nothing
    try:
        lock = _hold(home, unwritable)
    except HomeInUseError as error:
        say(f"{error}; stop it, or choose another home with --home")
        return NO
    with _noting(unwritable):
        close_logs = open_logs(home.log)
    for trouble in unwritable:
        say(f"{trouble}: going on without it; mend that and restart")
    try:
        with asyncio.Runner(loop_factory=make_loop) as runner:
            return runner.run(_main(home, configuration, unwritable=unwritable, say=say))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return DONE
    finally:
        close_logs()
        if lock is not None:
            lock.release()


def _configuration(home: Home, unwritable: Sequence[str], say: Callable[[str], None]) -> Configuration | int:
    """Read what holds, from the files or, where they are broken, from the last life; else return the exit code."""
    try:
        configuration = read_or_held(home)
    except OSError as error:
        say(f"the home folder {home.folder} cannot be used: {error}; choose another with --home")
        return NO
    except ConfigurationRefusedError as refused:
        if unwritable and not os.access(home.accounts, os.R_OK):
            say(f"the home folder {home.folder} cannot be used: {unwritable[0]}; choose another with --home")
            return NO
        for problem in refused.problems:
            say(str(problem))
        return WRONG_CONFIGURATION
    for problem in configuration.broken:
        say(str(problem))
    return configuration


def _hold(home: Home, unwritable: list[str]) -> DaemonLock | None:
    """Take the home, on a disk that cannot be written as well as possible; raise `HomeInUseError`."""
    with _noting(unwritable):
        return hold_home(home.daemon_lock)
    with _noting(unwritable):
        return hold_unwritable(home.daemon_lock)
    return None


@contextlib.contextmanager
def _noting(unwritable: list[str]) -> Iterator[None]:
    """Go on after what the disk refuses, and note it in words."""
    try:
        yield
    except OSError as error:
        unwritable.append(f"{error.filename} cannot be written: {error.strerror}")


def _nothing() -> None:
    pass


async def _main(
    home: Home, configuration: Configuration, *, unwritable: Sequence[str], say: Callable[[str], None]
) -> int:
    database, failure = _open_store(home)
    if configuration.broken:
        say("the configuration files are broken: going on with what was last in force; mend them, then reload")
    clock = VenueClock()
    try:
        daemon = Daemon(
            home,
            configuration,
            database=database,
            clock=clock,
            make_venue=partial(topstepx, heard=clock.heard),
            check_password=_password_check(home),
        )
        if failure:
            say(failure)
        for code, text in daemon.commitments.troubles:
            if code != "CONFIGURATION_BROKEN":  # each of its problems has been said
                say(text)
        passes = database.writer.failure is not None
        daemon.begin_in_trouble((*unwritable, "" if passes else failure), passing=failure if passes else "")
        say(f"watching {len(daemon.in_force.enabled_accounts)} account(s); home {home.folder}; stop with Ctrl-C")
        prefer_the_loop()
        leave_what_lasts()
        with stopping_on_signals(daemon.until_proven):
            await daemon.run()
    finally:
        database.close()
    return DONE


def _open_store(home: Home) -> tuple[Database, str]:
    """Open the database; where that fails, go on in memory with what can be read of it until it opens, and say so."""
    try:
        database = open_for_daemon(home.database)
    except SchemaTooNewError as error:
        # what it holds is not understood; limits and locks have their sealed copies beside it
        log.warning("store_too_new", why=str(error))
        kept = "but for limits and locks, nothing new is remembered over a restart"
        left = f"going on in memory, and leaving that file as it is; {kept}"
        return open_in_memory(), f"{home.database} cannot be used: {error}: {left}"
    except StoreUnavailableError as error:
        log.warning("store_unavailable", why=str(error))
        left = "nothing new is remembered over a restart until it can be; that is tried again by itself"
        return open_when_free(home.database, str(error)), f"{error}: {left}"
    if database.set_aside is not None:
        log.error("database_set_aside", path=str(database.set_aside))
        return database, f"a broken database was set aside as {database.set_aside.name}"
    return database, ""


def _password_check(home: Home) -> Callable[[str], bool]:
    """Make the comparison with the stored hash, as it is at each login: a new password holds at once."""

    def check(password: str) -> bool:
        import bcrypt  # noqa: PLC0415  rarely needed, and the daemon is to stay small

        try:
            stored = home.admin_password.read_bytes().strip()
        except OSError:
            raise LoginRefused(NOT_SET) from None
        return bcrypt.checkpw(password.encode(), stored)

    return check
