"""A file that is to hold the latest of a text: written by another thread, and tried again until it is there."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from risk_manager.config.files import write_privately
from risk_manager.daemon.event_log import EventLog

TRY_AGAIN = 5.0
"""Seconds after which a file that could not be written is tried again: a disk has room again, a scanner lets go."""

log = EventLog("daemon")


class KeptFile:
    """Nobody waits for it; `trouble` is told once while it cannot be written, as code and words."""

    def __init__(self, path: Path, *, trouble: Callable[[str, str], None]) -> None:
        self._path = path
        self._trouble = trouble
        self.failure = ""
        """Why the latest text is not there; empty while it is, or is on its way."""
        self._to_be_written = asyncio.Event()
        self._writing = threading.Lock()
        self._text = self._written = ""

    def put(self, text: str) -> None:
        """Let a text be written soon, in place of an earlier one."""
        self._text = text
        self._to_be_written.set()

    async def run(self) -> NoReturn:
        """Write whenever there is something new, beside everything else."""
        while True:
            await self._to_be_written.wait()
            self._to_be_written.clear()
            if not self._tell(await asyncio.to_thread(self._write)):
                await asyncio.sleep(TRY_AGAIN)
                self._to_be_written.set()

    def finish(self) -> None:
        """Write what has not been written yet."""
        self._tell(self._write())

    def _write(self) -> str:
        """Write the latest text, unless it is there; return what kept it from being written."""
        with self._writing:
            text = self._text
            if text != self._written:
                try:
                    write_privately(self._path, text)
                except OSError as error:
                    return f"{self._path} cannot be written: {error}"
                self._written = text
            return ""

    def _tell(self, failure: str) -> bool:
        """Say that it fails, or works again; tell whether it works."""
        if failure and not self.failure:
            self._trouble("COMMITMENT_NOT_KEPT", failure)
        elif self.failure and not failure:
            log.info("written_again", path=str(self._path))
        self.failure = failure
        return not failure
