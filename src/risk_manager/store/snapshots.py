"""What is known of each account, kept row by row: only what changed is written."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from risk_manager.core.model.contract import Contract
from risk_manager.store.migrations import STATE_TABLES, instant_text
from risk_manager.store.rows import ContractRow, StateRow
from risk_manager.store.writer import Writer

HISTORY = frozenset({"daily_pnl"})
"""Parts whose rows stay when they are no longer told of."""
SEEN = "seen"
"""Key of the row that says when the venue last told; it alone is nothing to hurry for."""

_Known = dict[Any, tuple[object, str]]
"""What was last handed on, by key: the row itself where it cannot change in place, and how it was written."""
Row = TypeVar("Row")
Parts = Mapping[str, Mapping[Any, object]]
"""Rows by part and key; a part is a table, a row anything that msgspec can write as JSON."""


class Snapshots:
    """The stored state of every account."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._known: dict[tuple[str, int], _Known] = {}
        self.unreadable: list[str] = []
        """Rows that could not be understood when they were loaded, for the log."""

    def save(self, account_id: int, parts: Parts, *, at: datetime) -> None:
        """Let what changed be written soon; a part that is not named stays as it is, a row gone from its part goes."""
        rows = self.changes(account_id, parts, at=at)
        if any(row.key != SEEN for row in rows):
            self._writer.put(rows)
        elif rows:
            self._writer.put_unhurried(rows)

    def changes(self, account_id: int, parts: Parts, *, at: datetime) -> list[StateRow]:
        """List the rows that differ from what was last handed on; they now count as handed on."""
        stamp = instant_text(at)
        found: list[StateRow] = []
        for part, rows in parts.items():
            found += self.changes_among(account_id, part, rows, at=at)
            known = self._known_rows(part, account_id)
            if len(known) > len(rows) and part not in HISTORY:
                gone = [key for key in known if key not in rows]
                for key in gone:
                    del known[key]
                found += [StateRow(part, account_id, str(key), None, stamp) for key in gone]
        return found

    def changes_among(self, account_id: int, part: str, rows: Mapping[Any, object], *, at: datetime) -> list[StateRow]:
        """List the changed ones of some rows of a part (for `commit_plan`); those not named stay as they are."""
        if not rows:
            return []
        known, stamp = self._known_rows(part, account_id), instant_text(at)
        return [StateRow(part, account_id, key, body, stamp) for key, body in _changed(rows, known)]

    def load(self, account_id: int, part: str) -> dict[str, str]:
        """Read the rows of a part as JSON by key; raise `StoreUnavailableError`. To be called before the first save."""
        rows = self._writer.read(_SELECT[part], {"account_id": account_id})
        found = {row["key"]: row["body"] for row in rows}
        self._known[part, account_id] = {key: (None, body) for key, body in found.items()}
        return found

    def load_as(self, account_id: int, part: str, row_type: type[Row]) -> dict[str, Row]:
        """Read the rows of a part as what they were; one that no longer fits is left out and noted in `unreadable`."""
        rows = self.load(account_id, part).items()
        read = ((key, self.understood(body, row_type, of=f"{part} {account_id} {key}")) for key, body in rows)
        return {key: row for key, row in read if row is not None}

    def understood(self, body: str | None, row_type: type[Row], *, of: str) -> Row | None:
        """Read a row as what it was; None where there is none, or where it no longer fits or is damaged: see above."""
        try:
            return None if body is None else msgspec.json.decode(body, type=row_type)
        except msgspec.DecodeError as error:
            self.unreadable.append(f"{of}: {error}")
            return None

    def accounts(self) -> list[int]:
        """List the accounts of which something is stored."""
        rows = self._writer.read("SELECT DISTINCT account_id FROM account_state ORDER BY account_id")
        return [row["account_id"] for row in rows]

    def remember_contract(self, contract: Contract, *, at: datetime) -> None:
        """Keep what a contract is, for a start without the venue."""
        row = ContractRow(
            contract_id=contract.contract_id,
            name=contract.name,
            symbol_id=contract.symbol_id,
            tick_size=str(contract.tick_size),
            tick_value=str(contract.tick_value),
            active=contract.active,
            saved_at=instant_text(at),
        )
        self._writer.put([row])

    def contracts(self) -> list[Contract]:
        """Read every contract that is remembered, but for damaged ones. Raises `StoreUnavailableError`."""
        rows = self._writer.read(
            """
            SELECT contract_id, name, symbol_id, tick_size, tick_value, active FROM contract_cache
            """
        )
        found: list[Contract] = []
        for row in rows:
            with suppress(ArithmeticError):
                found.append(
                    Contract(
                        contract_id=row["contract_id"],
                        name=row["name"],
                        symbol_id=row["symbol_id"],
                        tick_size=Decimal(row["tick_size"]),
                        tick_value=Decimal(row["tick_value"]),
                        active=bool(row["active"]),
                    )
                )
        return found

    def _known_rows(self, part: str, account_id: int) -> _Known:
        known = self._known.get((part, account_id))
        if known is None:
            self.load(account_id, part)
            known = self._known[part, account_id]
        return known


_SELECT_ROWS = """
SELECT key, body FROM <table> WHERE account_id = :account_id ORDER BY key
"""
# table names come from the tuple of this package, never from outside
_SELECT = {table: _SELECT_ROWS.replace("<table>", table) for table in STATE_TABLES}


def _changed(rows: Mapping[Any, object], known: _Known) -> Iterator[tuple[str, str]]:
    """List what differs, and take note of it."""
    for key, row in rows.items():
        before = known.get(key)
        if before is None:
            before = known.pop(str(key), None)  # what was loaded has its key as text
        elif before[0] is row:
            continue
        body = msgspec.json.encode(row).decode()
        if before is None or before[1] != body:
            yield str(key), body
        # only what cannot change in place is known again by being the same object
        known[key] = (row if _is_frozen(row) else None, body)


def _is_frozen(row: object) -> bool:
    parameters = getattr(type(row), "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)
