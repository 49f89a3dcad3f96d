"""The schema, as the numbered steps that lead to it."""

import sqlite3
from datetime import UTC, datetime

from risk_manager.store.errors import SchemaTooNewError

# A row of state is its JSON `body`, money as text and instants as ISO-8601 UTC; the columns beside it are read out of
# the body when somebody asks, so that what people see and what the daemon restores can never differ.
_STATE_TABLE = """
CREATE TABLE <name> (
    account_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    saved_at TEXT NOT NULL<columns>,
    PRIMARY KEY (account_id, key)
) WITHOUT ROWID
"""

_COLUMNS = {
    "lockouts": "rule code mode root since until reason",
    "daily_pnl": "gross costs",
    "trades": "trade_id contract_id order_id side size price at realized_pnl fees commissions voided",
    "positions": "contract_id=position.contract_id net_size=position.net_size "
    "average_price=position.average_price since",
    "orders": "order_id contract_id type side size filled_size status limit_price stop_price tag updated_at",
    "timers": "rule subject since",
    "account_state": "",
}

STATE_TABLES = tuple(_COLUMNS)
"""Tables of rows by account and key."""

_OWN_COLUMNS = {
    "alerts_outbox": "channel due_at kind=alert.kind title=alert.title count=alert.count",
    "daemon_life": "heard_at stopped",
}

_HELD_COLUMNS = {"commitments": "revision=body.revision"}

_CURVE_COLUMNS = {"pnl_curves": "trading_day"}

OWN_TABLES = (*_OWN_COLUMNS, *_HELD_COLUMNS, *_CURVE_COLUMNS)
"""Tables of the same form that hold nothing of what the engine knows."""


def _state_table(name: str) -> str:
    """Write the statement for one table; names and paths come from the table above, never from outside."""
    columns = ""
    for column in (_COLUMNS | _OWN_COLUMNS | _HELD_COLUMNS | _CURVE_COLUMNS)[name].split():
        shown, _, path = column.partition("=")
        columns += f",\n    {shown} GENERATED ALWAYS AS (json_extract(body, '$.{path or shown}')) VIRTUAL"
    return _STATE_TABLE.replace("<name>", name).replace("<columns>", columns)


_CONTRACT_CACHE = """
CREATE TABLE contract_cache (
    contract_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    symbol_id TEXT NOT NULL,
    tick_size TEXT NOT NULL,
    tick_value TEXT NOT NULL,
    active INTEGER NOT NULL,
    saved_at TEXT NOT NULL
) WITHOUT ROWID
"""

# the logs have no index by time: their ids keep that order, and every index is a page more to write before a plan
_ENFORCEMENT_LOG = """
CREATE TABLE enforcement_log (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    account_id INTEGER,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
)
"""

_JOURNAL = """
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    account_id INTEGER,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
)
"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        *(_state_table(name) for name in STATE_TABLES),
        _CONTRACT_CACHE,
        _ENFORCEMENT_LOG,
        _JOURNAL,
    ),
    tuple(_state_table(name) for name in _OWN_COLUMNS),
    tuple(_state_table(name) for name in _HELD_COLUMNS),
    tuple(_state_table(name) for name in _CURVE_COLUMNS),
)
"""Step N, counted from 1, leads from schema N − 1 to schema N; a step that was ever released is never changed."""


def schema_of(connection: sqlite3.Connection) -> int:
    """Tell the schema of a database; 0 is an empty one."""
    row = connection.execute(
        """
        SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'
        """
    ).fetchone()
    if not row[0]:
        return 0
    found = connection.execute(
        """
        SELECT max(version) FROM schema_version
        """
    ).fetchone()[0]
    return int(found or 0)


def refuse_newer(connection: sqlite3.Connection, steps: tuple[tuple[str, ...], ...] = MIGRATIONS) -> int:
    """Tell the schema; raise `SchemaTooNewError` when only a later version understands it."""
    schema = schema_of(connection)
    if schema > len(steps):
        raise SchemaTooNewError(
            f"the database has schema {schema}, this version knows up to {len(steps)}: "
            "install the version that wrote it, or choose another home folder"
        )
    return schema


def migrate(connection: sqlite3.Connection, steps: tuple[tuple[str, ...], ...] = MIGRATIONS) -> int:
    """Bring a database to the newest schema, each step whole or not at all; return the schema it had."""
    before = refuse_newer(connection, steps)
    for version in range(before + 1, len(steps) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            _take(connection, version, steps[version - 1])
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    return before


def _take(connection: sqlite3.Connection, version: int, statements: tuple[str, ...]) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)")
    if schema_of(connection) >= version:
        return  # another process was faster
    for statement in statements:
        connection.execute(statement)
    connection.execute(
        """
        INSERT INTO schema_version (version) VALUES (:version)
        """,
        {"version": version},
    )


def instant_text(at: datetime) -> str:
    """Write an instant so that text sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
