"""API keys that stand in accounts.yaml in the clear, kept in the vault: an account taken off the list is still held."""

import asyncio
import hashlib
import os
import sys
from collections.abc import Mapping

from risk_manager.config.files import Home
from risk_manager.config.secrets import SecretUnavailableError, SecretVault, resolve_key
from risk_manager.config.terms import Route
from risk_manager.daemon.event_log import EventLog

log = EventLog("daemon")


def kept_as(username: str) -> str:
    """Name the key of a login in the vault."""
    return f"held-{username}"


def fingerprint(api_key: str) -> str:
    """Tell a key from another one without telling it."""
    return hashlib.sha256(f"held {api_key}".encode()).hexdigest()[:16]


def key_of(home: Home, route: Route, environ: Mapping[str, str] = os.environ) -> str:
    """Find the key of an account that the files do not list any more; raise `SecretUnavailableError`."""
    return resolve_key(route.key or f"secret:{kept_as(route.username)}", vault=SecretVault(home), environ=environ)


async def keep_keys(home: Home, keys: Mapping[str, str]) -> dict[str, str]:
    """Store keys by username; return the fingerprints of those that are stored now."""
    return {username: fingerprint(key) for username, key in keys.items() if await _keep(home, username, key)}


def forget_key(home: Home, username: str) -> None:
    """Take a key out of the vault again."""
    try:
        SecretVault(home).forget(kept_as(username))
    except (SecretUnavailableError, OSError) as error:
        log.warning("key_not_forgotten", login=username, why=str(error))


async def _keep(home: Home, username: str, api_key: str) -> bool:
    try:
        if sys.platform == "win32":
            await asyncio.to_thread(SecretVault(home).store, kept_as(username), api_key)
            return True
        # encrypting takes 11 MB that the daemon would keep for its life: another process has them for a second
        command = (sys.executable, "-m", "risk_manager", "store-key", kept_as(username), "--home", str(home.folder))
        null = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=null, stderr=null
        )
        await process.communicate(f"{api_key}\n".encode())
    except (OSError, SecretUnavailableError) as error:
        log.warning("key_not_kept", login=username, why=str(error))
        return False
    return process.returncode == 0
