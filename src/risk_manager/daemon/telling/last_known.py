"""What the daemon last wrote down, told as a snapshot while it is down."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from risk_manager import __version__
from risk_manager.config.files import Home
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.config.terms import Held
from risk_manager.core.policy import Policy
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.contracts import Contracts
from risk_manager.core.state.quotes import Quotes
from risk_manager.daemon.commitment.outlook import is_port_known, outlook, read_or_held
from risk_manager.daemon.commitment.pending_view import pending_changes
from risk_manager.daemon.telling.account_view import account_status
from risk_manager.daemon.telling.calendar_view import calendar_status
from risk_manager.daemon.telling.pnl_curve import PnlCurves
from risk_manager.daemon.telling.stored_curves import StoredCurves
from risk_manager.daemon.telling.stored_history import stored_history
from risk_manager.local_api.messages import AccountStatus, DaemonStatus, Snapshot
from risk_manager.store.daemon_lock import is_held
from risk_manager.store.database import Database, open_in_memory
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError
from risk_manager.store.memory import load_memory
from risk_manager.store.reading import stored_state


def last_known(home: Home) -> Snapshot | None:
    """Read the last known state of a home; None where nothing can be read, or nothing was ever written."""
    try:
        with stored_state(home.database) as stored:
            at = stored.newest()
        database = open_in_memory(knowing=home.database)  # a look changes nothing: no upgrade, nothing set aside
    except (StoreUnavailableError, SchemaTooNewError):
        return None
    try:
        accounts, recent = _accounts(home, database), stored_history(database.journal)
    except StoreUnavailableError:
        return None
    finally:
        database.close()
    since = at or datetime.min.replace(tzinfo=UTC)
    silent = is_held(home.daemon_lock)
    detail = "a daemon works on this home, but does not answer" if silent else "the daemon is not running"
    if not is_port_known(home):
        detail += "; its port is a guess, as risk_config.yaml cannot be read"
    down = DaemonStatus(state="silent" if silent else "down", since=since, version=__version__, detail=detail)
    return None if at is None else Snapshot(at=at, daemon=down, accounts=accounts, recent=recent)


def _accounts(home: Home, database: Database) -> tuple[AccountStatus, ...]:
    """Word every stored account, by the rules that are configured now."""
    policies: dict[int, Policy] = {}
    nicknames: dict[int, str] = {}
    held: Mapping[int, Held] = {}
    try:
        found_there = outlook(home, read_or_held(home))
        policies = dict(found_there.in_force.policies)
        nicknames = {one.account_id: one.nickname for one in found_there.in_force.accounts}
        held = found_there.held
    except ConfigurationRefusedError:
        pass  # what was stored can be told without the rules
    contracts = Contracts()
    for contract in database.snapshots.contracts():
        contracts.learn(contract)
    curves = PnlCurves(StoredCurves(database).load())
    found = []
    for account_id in database.snapshots.accounts():
        memory = load_memory(database.snapshots, account_id)
        if memory is not None:
            state = AccountState(memory, policies.get(account_id, Policy()), contracts, Quotes())
            account = account_status(state, nicknames.get(account_id, ""))
            told = {"pnl_curve": curves.of(state), "calendar": calendar_status(state)}
            found.append(replace(account, pending=pending_changes(held.get(account_id)), **told))
    return tuple(found)
