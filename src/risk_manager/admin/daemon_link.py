"""The admin's line to the running daemon: one question, one answer."""

import asyncio
from collections.abc import Mapping
from typing import Any

from risk_manager.config.files import Home
from risk_manager.daemon.commitment.outlook import port_of
from risk_manager.local_api.client import connect, fetch_snapshot
from risk_manager.local_api.commands import Result
from risk_manager.local_api.messages import Snapshot
from risk_manager.store.daemon_lock import is_held


def is_running(home: Home) -> bool:
    """Tell whether a daemon works on the home."""
    return is_held(home.daemon_lock)


def command(home: Home, password: str, name: str, arguments: Mapping[str, Any] | None = None) -> Result:
    """Log in and have the daemon carry out a command; raise `DaemonAway` or `DaemonMisread`."""
    return asyncio.run(_command(port_of(home), password, name, arguments or {}))


def snapshot(home: Home) -> Snapshot:
    """Take one look at the daemon; raises as `command` does."""
    return asyncio.run(fetch_snapshot(port_of(home)))


async def _command(port: int, password: str, name: str, arguments: Mapping[str, Any]) -> Result:
    async with connect(port) as connection:
        session = await connection.log_in(password)
        if isinstance(session, Result):
            return Result(ok=False, message=f"the daemon refused the login: {session.message}")
        return await connection.command(session.token, name, arguments)
