"""Whether a daemon has lived on this home before, by the one trace that neither copy of what is held is part of."""

from pathlib import Path

from risk_manager.config.files import Home, expect_a_file

_BEGUN = b'"event": "daemon_started"'


def has_lived(home: Home) -> bool:
    """Tell whether the logs of the last week know of an earlier start; False where they cannot be read."""
    log = home.log("daemon")
    try:
        files = sorted(home.logs.iterdir())
    except OSError:
        return False
    return any(_tells_of_a_start(one) for one in files if one.name.startswith(log.name))


def _tells_of_a_start(path: Path) -> bool:
    try:
        expect_a_file(path)
        with path.open("rb") as lines:
            return any(_BEGUN in line for line in lines)
    except OSError:
        return False
