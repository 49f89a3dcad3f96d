"""Whether this terminal may change a home, and what to do where it may not."""

import sys
from collections.abc import Callable

from risk_manager.config.files import Home

if sys.platform == "win32":
    import ctypes

    def is_elevated() -> bool:
        """Tell whether this process has an administrator's rights."""
        return bool(ctypes.windll.shell32.IsUserAnAdmin())

else:
    import os

    def is_elevated() -> bool:
        """Tell whether this process has root's rights."""
        return os.geteuid() == 0


def what_is_missing(
    home: Home, *, platform: str = sys.platform, elevated: Callable[[], bool] = is_elevated
) -> str | None:
    """Try whether files of the home can be written; None when they can, else words on what to do."""
    probe = home.config / ".may-write"
    try:
        home.create_folders()
        probe.touch()
        probe.unlink()
    except PermissionError:
        if platform == "win32" and not elevated():
            return (
                f"{home.folder} belongs to administrators: close this window, right-click the terminal, choose "
                '"Run as administrator", and give the command again there'
            )
        return f"{home.folder} may not be written by this user: use the account that it belongs to, or --home"
    except OSError as error:
        return f"{home.folder} cannot be written: {error.strerror or error}"
    return None
