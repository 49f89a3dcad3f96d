"""Notifications on this machine's own desktop.

Windows: a window of the terminal services, which also a service can open; it has no desktop of its own, so that a
toast of the notification centre cannot be had from there. Linux: `notify-send`, in a session that
has a bus. Elsewhere, and without a session: nothing.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from risk_manager.alerts.alert import Alert
from risk_manager.alerts.forms import escaped_for_notifications, toast

_PATIENCE = 5.0
_SHOWN_FOR = 60  # seconds, on Windows
_DO_NOT_WAIT = 0  # for an answer
_WARNING_ICON = 0x30  # MB_ICONWARNING, with an OK button
_OF_SERVICES = 0  # the session that nobody sees
_NOBODY = 0xFFFFFFFF  # what WTSGetActiveConsoleSessionId answers while nobody is logged in


class Desktop(Protocol):
    """A place to show notifications on."""

    async def show(self, alert: Alert) -> str:
        """Show an alarm; return what went wrong, empty when nothing did."""


@dataclass(frozen=True, slots=True)
class NotifySend:
    """The desktop of Linux and its kin."""

    program: str

    async def show(self, alert: Alert) -> str:
        """Hand the alarm to the notification server."""
        title, text = toast(alert)
        words = ("--app-name=risk-manager", "--urgency=critical", "--", title, escaped_for_notifications(text))
        try:
            process = await asyncio.create_subprocess_exec(
                self.program, *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            return f"notify-send cannot be started: {error.strerror}"
        try:
            async with asyncio.timeout(_PATIENCE):
                code = await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            return f"notify-send did not end within {_PATIENCE:g} s"
        return f"notify-send ended with {code}" if code else ""


class SessionWindow:
    """The desktop of Windows, whoever we are: a small window in the session of the one who sits there."""

    async def show(self, alert: Alert) -> str:
        """Open the window and go on; it closes by itself."""
        return await asyncio.to_thread(_open_window, *toast(alert))


def desktop(environ: Mapping[str, str] = os.environ, *, platform: str = sys.platform) -> Desktop | None:
    """Find the desktop of this process; None where there is none."""
    if platform == "win32":
        return SessionWindow()
    has_session = any(environ.get(name) for name in ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "DISPLAY"))
    program = shutil.which("notify-send", path=environ.get("PATH"))
    return NotifySend(program) if has_session and program is not None else None


def session_of_people(own: int, *, at_the_machine: int) -> int | None:
    """Choose the session whose screen is seen: the daemon's own, also over Remote Desktop; a service has none."""
    if own != _OF_SERVICES:
        return own
    return None if at_the_machine == _NOBODY else at_the_machine


def _open_window(title: str, text: str) -> str:
    if sys.platform != "win32":
        return "this is not Windows"
    import ctypes  # noqa: PLC0415  only here, and only there
    from ctypes import wintypes  # noqa: PLC0415  as above

    kernel = ctypes.WinDLL("kernel32")
    terminal = ctypes.WinDLL("wtsapi32", use_last_error=True)
    kernel.WTSGetActiveConsoleSessionId.restype = wintypes.DWORD
    own = wintypes.DWORD(_OF_SERVICES)
    kernel.ProcessIdToSessionId(wintypes.DWORD(os.getpid()), ctypes.byref(own))
    session = session_of_people(own.value, at_the_machine=int(kernel.WTSGetActiveConsoleSessionId()))
    if session is None:
        return "nobody is logged in"
    answer = wintypes.DWORD()
    terminal.WTSSendMessageW.argtypes = [
        wintypes.HANDLE,
        wintypes.DWORD,
        wintypes.LPWSTR,
        wintypes.DWORD,
        wintypes.LPWSTR,
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.DWORD,
        ctypes.POINTER(wintypes.DWORD),
        wintypes.BOOL,
    ]
    sizes = [len(words.encode("utf-16-le")) for words in (title, text)]
    is_shown = terminal.WTSSendMessageW(
        None, session, title, sizes[0], text, sizes[1], _WARNING_ICON, _SHOWN_FOR, ctypes.byref(answer), _DO_NOT_WAIT
    )
    return "" if is_shown else f"the window could not be opened (error {ctypes.get_last_error()})"
