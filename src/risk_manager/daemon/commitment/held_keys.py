"""Secrets that stand in the files in the clear, kept in the vault: accounts leave the list, and files break."""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from risk_manager.config.files import Home
from risk_manager.config.held_record import kept_as
from risk_manager.config.secrets import SecretUnavailableError, SecretVault, resolve_key
from risk_manager.config.terms import Route
from risk_manager.daemon.event_log import EventLog

log = EventLog("daemon")


def fingerprint(api_key: str) -> str:
    """Tell a key from another one without telling it."""
    return hashlib.sha256(f"held {api_key}".encode()).hexdigest()[:16]


def key_of(home: Home, route: Route, environ: Mapping[str, str] = os.environ) -> str:
    """Find the key of an account that the files do not list any more; raise `SecretUnavailableError`."""
    return resolve_key(route.key or f"secret:{kept_as(route.username)}", vault=SecretVault(home), environ=environ)


async def keep_keys(home: Home, keys: Mapping[str, str]) -> dict[str, str]:
    """Store keys by username; return the fingerprints of those that are stored now."""
    named = {kept_as(username): key for username, key in keys.items()}
    if not named or not await _store(home, named):
        return {}
    return {username: fingerprint(key) for username, key in keys.items()}


def store_told_keys() -> None:
    """Store the keys that standard input tells, as JSON by name, in the vault of the home that it tells."""
    told = json.load(sys.stdin)
    vault = SecretVault(Home(Path(told["home"])))
    for name, key in told["keys"].items():
        vault.store(name, key)


def forget_key(home: Home, username: str) -> None:
    """Take a key out of the vault again."""
    try:
        SecretVault(home).forget(kept_as(username))
    except (SecretUnavailableError, OSError) as error:
        log.warning("key_not_forgotten", login=username, why=str(error))


async def _store(home: Home, keys: Mapping[str, str]) -> bool:
    try:
        if sys.platform == "win32":
            for name, key in keys.items():
                await asyncio.to_thread(SecretVault(home).store, name, key)
            return True
        # encrypting takes 11 MB that the daemon would keep for its life: another process has them for a second
        code = f"from {__name__} import store_told_keys; store_told_keys()"
        null = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE, stdout=null, stderr=null
        )
        try:
            await process.communicate(json.dumps({"home": str(home.folder), "keys": dict(keys)}).encode())
        finally:
            if process.returncode is None:  # the daemon stops, and leaves nobody behind
                process.kill()
                await process.wait()
    except (OSError, SecretUnavailableError) as error:
        log.warning("keys_not_kept", why=str(error))
        return False
    if process.returncode != 0:
        log.warning("keys_not_kept", why=f"exit code {process.returncode}")
    return process.returncode == 0
