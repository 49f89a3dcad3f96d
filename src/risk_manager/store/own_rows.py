"""Rows of the daemon's own, by table and key: what is still to be told, signs of life, what was agreed, curves."""

from datetime import datetime

from risk_manager.store.migrations import OWN_TABLES, instant_text
from risk_manager.store.rows import StateRow
from risk_manager.store.writer import Writer

_SELECT_ALL = """
SELECT key, body FROM <table> ORDER BY key
"""
# table names come from the tuple of this package, never from outside
_ROWS_OF = {table: _SELECT_ALL.replace("<table>", table) for table in OWN_TABLES}


class OwnRows:
    """One of the tables; what is kept is written within a few hundredths of a second, and nobody waits for it.

    A `row` is for whoever has to wait: it is committed with an entry of the journal.
    """

    def __init__(self, writer: Writer, table: str) -> None:
        self._writer = writer
        self._table = table

    def load(self) -> dict[str, str]:
        """Read every row as JSON by its key; raise `StoreUnavailableError`. To be called before anything is kept."""
        return {row["key"]: row["body"] for row in self._writer.read(_ROWS_OF[self._table])}

    def keep(self, key: str, body: str, *, at: datetime, account_id: int = 0) -> None:
        """Let a row be written soon, in place of an earlier one; account 0 is none."""
        self.put([self.row(key, body, at=at, account_id=account_id)])

    def row(self, key: str, body: str, *, at: datetime, account_id: int = 0) -> StateRow:
        """Make a row, to be committed with others."""
        return StateRow(self._table, account_id, key, body, instant_text(at))

    def put(self, rows: list[StateRow]) -> None:
        """Let rows be written soon."""
        if rows:
            self._writer.put(rows)

    def drop(self, key: str, *, at: datetime, account_id: int = 0) -> None:
        """Let a row be deleted soon."""
        self._writer.put([StateRow(self._table, account_id, key, None, instant_text(at))])
