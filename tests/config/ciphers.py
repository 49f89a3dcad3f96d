"""What keys are encrypted with, taken away: a key file, and on Windows the system's own protection of this machine."""

import secrets
import sys
from typing import Any

import pytest

from risk_manager.config.files import Home


def carry_to_another_machine(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was encrypted before be unreadable from now on; what is encrypted afterwards can be read."""
    if sys.platform != "win32":
        home.secrets_key.unlink(missing_ok=True)  # there is none before anything was encrypted
        return
    import pywintypes  # noqa: PLC0415 - only there on Windows
    import win32crypt  # noqa: PLC0415 - as above

    encrypt, decrypt, here = win32crypt.CryptProtectData, win32crypt.CryptUnprotectData, secrets.token_bytes(8)

    def encrypt_here(clear: bytes, *how: Any) -> bytes:
        return here + bytes(encrypt(clear, *how))

    def decrypt_here(sealed: bytes, *how: Any) -> Any:
        if not sealed.startswith(here):
            raise pywintypes.error(13, "CryptUnprotectData", "The data is invalid.")
        return decrypt(sealed.removeprefix(here), *how)

    monkeypatch.setattr(win32crypt, "CryptProtectData", encrypt_here)
    monkeypatch.setattr(win32crypt, "CryptUnprotectData", decrypt_here)


def let_nothing_be_encrypted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Break what keys are encrypted with."""
    if sys.platform != "win32":
        home.secrets_key.write_text("no key", encoding="ascii")
        return
    import pywintypes  # noqa: PLC0415 - as above
    import win32crypt  # noqa: PLC0415 - as above

    def refuse(*_: object) -> bytes:
        raise pywintypes.error(5, "CryptProtectData", "Access is denied.")

    monkeypatch.setattr(win32crypt, "CryptProtectData", refuse)
