"""API keys at rest: encrypted under the user's or the machine's protection, named in accounts.yaml, never logged.

On Windows the system encrypts them for this machine (DPAPI): a copy of the files is worthless elsewhere, while any
program on this machine that may read the file can have them decrypted. Elsewhere they are encrypted with a key
that lies in the home folder, readable by its owner alone: that keeps them out of backups of single files, screen
shares and bug reports; whoever can read the whole home folder can read the keys.
"""

import base64
import binascii
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from risk_manager.config.files import Home, expect_a_file, write_privately
from risk_manager.config.turn import taken

_FOR_THIS_MACHINE = 0x4  # CRYPTPROTECT_LOCAL_MACHINE: the service runs as another user than the trader


class SecretUnavailableError(Exception):
    """A key cannot be had; the message says what to do."""


class _Cipher(Protocol):
    def encrypt(self, clear: bytes) -> bytes: ...

    def decrypt(self, sealed: bytes) -> bytes: ...


class SecretVault:
    """The stored keys of one home, by name."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def names(self) -> list[str]:
        """List what is stored; raise `SecretUnavailableError` when the file cannot be read."""
        return sorted(self._read())

    def store(self, name: str, value: str) -> None:
        """Encrypt and keep a key, in place of an earlier one of its name; raise `OSError` if it cannot be written."""
        self._read()  # a damaged file is told before anything is encrypted
        self.keep(name, self.seal(value))

    def keep(self, name: str, sealed: str) -> None:
        """Keep a key that is encrypted already; raises as `store` does."""
        with taken(_turn_of(self._home)):  # what another program stores at this moment must not be lost
            kept = {**self._read(), name: sealed}
            write_privately(self._home.secrets, json.dumps(kept, indent=1, sort_keys=True) + "\n")

    def forget(self, name: str) -> None:
        """Take a key out again, if it is there; raises as `store` does."""
        if name not in self._read():
            return
        with taken(_turn_of(self._home)):
            kept = {one: sealed for one, sealed in self._read().items() if one != name}
            write_privately(self._home.secrets, json.dumps(kept, indent=1, sort_keys=True) + "\n")

    def fetch(self, name: str) -> str:
        """Decrypt a key; raise `SecretUnavailableError` when it is not there or cannot be read."""
        sealed = self.sealed(name)
        if sealed is None:
            raise SecretUnavailableError(
                f"no key is stored under the name {name}; store it with `risk-manager store-key {name}`"
            )
        try:
            return self.open(sealed)
        except ValueError as error:
            again = f"store it again with `risk-manager store-key {name}`"
            raise SecretUnavailableError(f"the stored key {name} cannot be decrypted here ({error}); {again}") from None

    def sealed(self, name: str) -> str | None:
        """Give a key as it is stored, encrypted; raise `SecretUnavailableError` when the file cannot be read."""
        return self._read().get(name)

    def seal(self, value: str) -> str:
        """Encrypt a key; raise `OSError` where what that needs cannot be kept."""
        return base64.b64encode(_cipher(self._home).encrypt(value.encode())).decode()

    def open(self, sealed: str) -> str:
        """Decrypt what `seal` made; raise `ValueError`, in words for people, when that cannot be done here."""
        key = self._home.secrets_key.name
        try:
            return _cipher(self._home).decrypt(base64.b64decode(sealed, validate=True)).decode()
        except FileNotFoundError:
            raise ValueError(f"{key}, with which it was encrypted, is gone") from None
        except OSError as error:
            raise ValueError(f"{key} cannot be read: {error.strerror}") from None
        except binascii.Error:
            raise ValueError("what is stored is damaged") from None

    def _read(self) -> dict[str, str]:
        try:
            expect_a_file(self._home.secrets)
            found = json.loads(self._home.secrets.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise SecretUnavailableError(f"{self._home.secrets.name} cannot be read: {error}") from None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise SecretUnavailableError(f"{self._home.secrets.name} is damaged; move it away and store the keys again")
        return found


def _turn_of(home: Home) -> Path:
    return home.data / "secrets.lock"


def is_reference(api_key: str) -> bool:
    """Tell a name of a key (`secret:NAME`, `env:NAME`) from a key in the clear."""
    return api_key.startswith(("secret:", "env:"))


def resolve_key(api_key: str, *, vault: SecretVault, environ: Mapping[str, str] = os.environ) -> str:
    """Find the key that accounts.yaml means; raise `SecretUnavailableError` when it cannot be had."""
    form, _, name = api_key.partition(":")
    match form:
        case "secret" if is_reference(api_key):
            return vault.fetch(name)
        case "env" if is_reference(api_key):
            value = environ.get(name, "").strip()
            if not value or not _is_text(value):
                raise SecretUnavailableError(f"the environment variable {name} is not set for this process")
            return value
    return api_key


def _is_text(value: str) -> bool:
    """Tell whether it can be written anywhere: a variable may hold any bytes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cipher(home: Home) -> _Cipher:
    if sys.platform == "win32":
        return _MachineCipher()
    return _KeyFileCipher(home)


class _KeyFileCipher:
    """Fernet (AES-128-CBC with HMAC-SHA256) under a key file that only its owner may read."""

    def __init__(self, home: Home) -> None:
        self._path = home.secrets_key
        self._turn = _turn_of(home)

    def encrypt(self, clear: bytes) -> bytes:
        # loaded where it is needed: a daemon whose keys come from the environment does without it
        from cryptography.fernet import Fernet  # noqa: PLC0415 - as said

        if not self._path.exists():
            with taken(self._turn):
                if not self._path.exists():
                    write_privately(self._path, Fernet.generate_key().decode())
        return Fernet(self._key()).encrypt(clear)

    def decrypt(self, sealed: bytes) -> bytes:
        from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415 - as above

        key = self._key()
        try:
            return Fernet(key).decrypt(sealed)
        except InvalidToken:
            raise ValueError(f"it was encrypted with another {self._path.name}") from None
        except ValueError:
            raise ValueError(f"{self._path.name} is damaged") from None

    def _key(self) -> bytes:
        return self._path.read_bytes().strip()


class _MachineCipher:
    """The Data Protection API of Windows, for this machine."""

    def encrypt(self, clear: bytes) -> bytes:
        import pywintypes  # noqa: PLC0415 - only there on Windows
        import win32crypt  # noqa: PLC0415 - only there on Windows

        try:
            return bytes(win32crypt.CryptProtectData(clear, "risk-manager", None, None, None, _FOR_THIS_MACHINE))
        except pywintypes.error as error:
            raise OSError(f"Windows does not encrypt it: {error}") from None

    def decrypt(self, sealed: bytes) -> bytes:
        import pywintypes  # noqa: PLC0415 - only there on Windows
        import win32crypt  # noqa: PLC0415 - only there on Windows

        try:
            return bytes(win32crypt.CryptUnprotectData(sealed, None, None, None, _FOR_THIS_MACHINE)[1])
        except pywintypes.error:
            raise ValueError("it was encrypted on another machine") from None
