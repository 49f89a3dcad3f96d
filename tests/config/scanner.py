"""Windows, which lets nobody replace a file that a virus scanner or an editor has open."""

import sys
from pathlib import Path
from typing import IO

import pytest


class Windows:
    """Has files open as another program would: for real on Windows, played elsewhere."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._open: dict[Path, IO[bytes]] = {}
        if sys.platform == "win32":
            return
        replace = Path.replace

        def refuse(path: Path, target: Path) -> Path:
            if {path, target} & self._open.keys():
                raise PermissionError(13, "used by another process", str(target))
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", refuse)
        monkeypatch.setattr(sys, "platform", "win32")
        monkeypatch.setattr("risk_manager.config.files.keep_private", lambda _: True)  # nothing of that is here

    def open(self, path: Path) -> None:
        """Have a file open from now on."""
        self._open[path] = path.open("rb")

    def let_go(self) -> None:
        """Close what is open."""
        while self._open:
            self._open.popitem()[1].close()
