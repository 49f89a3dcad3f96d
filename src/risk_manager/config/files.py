"""The home folder: where every file is."""

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_TRIES = 20
_PAUSE = 0.1  # seconds; a scanner looks at a file for a moment, as soon as it has been written


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds configuration, state and logs of one daemon."""

    folder: Path

    @property
    def config(self) -> Path:
        """Folder of what people write."""
        return self.folder / "config"

    @property
    def data(self) -> Path:
        """Folder of what the daemon remembers."""
        return self.folder / "data"

    @property
    def logs(self) -> Path:
        """Folder of the logs."""
        return self.folder / "logs"

    @property
    def accounts(self) -> Path:
        """Logins and accounts."""
        return self.config / "accounts.yaml"

    @property
    def risk_config(self) -> Path:
        """Rules and everything about judging."""
        return self.config / "risk_config.yaml"

    @property
    def holidays(self) -> Path:
        """Days without a session, and early closes."""
        return self.config / "holidays.yaml"

    @property
    def admin_password(self) -> Path:
        """Hash of the admin password."""
        return self.config / "admin_password.hash"

    @property
    def secrets(self) -> Path:
        """Stored API keys, encrypted."""
        return self.config / "secrets.json"

    @property
    def secrets_key(self) -> Path:
        """Key of the stored API keys, where the platform keeps none for us."""
        return self.config / "secrets.key"

    @property
    def commitment(self) -> Path:
        """What each account is held to, sealed: the second place beside the database."""
        return self.config / "commitment.json"

    @property
    def commitment_key(self) -> Path:
        """What the seal is made with."""
        return self.config / "commitment.key"

    @property
    def sealed_locks(self) -> Path:
        """The locks in force, sealed: the second place beside the database."""
        return self.config / "locks.json"

    @property
    def database(self) -> Path:
        """State and journal."""
        return self.data / "state.db"

    @property
    def daemon_lock(self) -> Path:
        """Held by the one daemon that works on this home."""
        return self.data / "daemon.lock"

    def log(self, name: str) -> Path:
        """One of the logs: daemon, enforcement, api, error."""
        return self.logs / f"{name}.log"

    def located(self) -> Iterator[tuple[str, Path]]:
        """Name every file with its place."""
        yield "home", self.folder
        yield "accounts", self.accounts
        yield "rules", self.risk_config
        yield "holidays", self.holidays
        yield "admin password", self.admin_password
        yield "secrets", self.secrets
        yield "commitment", self.commitment
        yield "locks", self.sealed_locks
        yield "database", self.database
        for name in ("daemon", "enforcement", "api", "error"):
            yield f"{name} log", self.log(name)

    def create_folders(self) -> None:
        """Make the folders, closed to other users; raise `OSError` when that cannot be done."""
        for folder in (self.folder, self.config, self.data, self.logs):
            if not folder.is_dir():
                folder.mkdir(parents=True, mode=_FOLDER_MODE)
                keep_private(folder)


def home_at(given: str | None, environ: Mapping[str, str] = os.environ) -> Home:
    """Find the home: what was given, else `RISK_MANAGER_HOME`, else the platform's place."""
    chosen = given or environ.get("RISK_MANAGER_HOME")
    return Home(Path(chosen).expanduser().absolute() if chosen else platform_folder(sys.platform, environ))


def platform_folder(platform: str, environ: Mapping[str, str]) -> Path:
    """Find the platform's place for such a folder; on Windows one that a service sees too."""
    if platform == "win32":
        return Path(environ.get("PROGRAMDATA") or r"C:\ProgramData") / "RiskManager"
    user = Path(environ.get("HOME") or Path.home())
    if platform == "darwin":
        return user / "Library" / "Application Support" / "RiskManager"
    return Path(environ.get("XDG_DATA_HOME") or user / ".local" / "share") / "risk-manager"


def may_be_there(path: Path) -> bool:
    """Tell whether a file is there; of one behind a closed folder that is not known, and reading it tells why."""
    try:
        return path.exists()
    except OSError:
        return True


def keep_private(path: Path) -> bool:
    """Close a file or folder to other users; on Windows administrators and the system keep theirs.

    Returns False where the platform would not.
    """
    if sys.platform == "win32":
        from risk_manager.config.windows_rights import restrict  # noqa: PLC0415 - there is nothing of it elsewhere

        try:
            restrict(path)
        except OSError:
            return False
        return True
    path.chmod(_FOLDER_MODE if path.is_dir() else _FILE_MODE)
    return True


def expect_a_file(path: Path) -> None:
    """Raise `OSError` for what is no file, such as a pipe: who reads it may wait for ever."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no file", str(path))


def write_privately(path: Path, text: str, *, pause: Callable[[float], None] = time.sleep) -> None:
    """Replace a file at once and whole; nobody else can read it at any moment. Raises `OSError`."""
    once_let_go(lambda: _write_and_replace(path, text), pause=pause)


def once_let_go(step: Callable[[], object], *, pause: Callable[[float], None] = time.sleep) -> None:
    """Do what Windows refuses while an editor or a virus scanner has the file open, when that has let go of it.

    Raises `PermissionError` where it does not for two seconds, or where it was refused for another reason.
    """
    for left in reversed(range(_TRIES)):
        try:
            step()
        except PermissionError:
            if sys.platform != "win32" or not left:
                raise
            pause(_PAUSE)
        else:
            return


def _write_and_replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        keep_private(fresh)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
