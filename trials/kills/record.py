"""What a dead daemon left on record, compared with what it had asked of the venue: nothing may have left unrecorded."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

COVERS = {
    "closecontract": {"close", "close_all"},
    "partialclosecontract": {"reduce"},
    "cancel": {"cancel", "cancel_all", "cancel_symbol", "close", "close_all"},
    "modify": {"reduce", "resize", "move_stop"},
    "place": {"place_stop"},
}
"""By the last part of a request's path: the planned deeds that may lead to it."""


def planned(database: Path) -> list[set[str]]:
    """Read the deeds of every plan on record, without touching the files that the next life will find."""
    if not database.exists():
        return []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for companion in ("", "-wal"):
            source = database.with_name(database.name + companion)
            if source.exists():
                shutil.copyfile(source, Path(folder) / source.name)
        with closing(sqlite3.connect(Path(folder) / database.name)) as copy:
            has_journal = copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'journal'").fetchone()[0]
            rows = copy.execute("SELECT body FROM journal WHERE kind = 'plan'").fetchall() if has_journal else []
    bodies = [json.loads(body) for (body,) in rows] + list(_intended(database))
    return [{action["do"] for action in body["actions"]} for body in bodies]


def _intended(database: Path) -> Iterator[dict[str, Any]]:
    """Read the plans in the file of intents, which the next life takes in; a line that was cut short is none."""
    beside = database.with_name(f"{database.name}-intents")
    for line in beside.read_bytes().splitlines() if beside.exists() else ():
        with suppress(ValueError):
            yield from (json.loads(row["body"]) for row in json.loads(line) if row.get("kind") == "plan")


def unrecorded(requests: Iterable[dict[str, Any]], plans: Iterable[set[str]]) -> list[str]:
    """List the changing requests that no plan on record explains."""
    on_record = set[str]().union(*plans)
    found = []
    for request in requests:
        wanted = COVERS.get(request["path"].rpartition("/")[2].lower())
        if wanted is not None and not wanted & on_record:
            found.append(f"{request['path']} {request['body']} left without a plan on record")
    return found
