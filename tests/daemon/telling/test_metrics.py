from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from risk_manager.daemon.telling.metrics import Numbers
from risk_manager.local_api.messages import AccountStatus, DaemonStatus, LockStatus, RuleStatus, Snapshot
from risk_manager.local_api.part_status import WELL, PartStatus

AT = datetime(2026, 8, 24, 14, tzinfo=UTC)
VITALS: dict[str, Any] = {
    "handled": 12,
    "failed": 1,
    "queue": 2,
    "store_queue": 3,
    "memory_bytes": 50_000_000,
    "requests_last_minute": {"trader": 9},
    "breaches": {"max_contracts": 4},
    "enforcements": {"proven": 4},
    "first_request_ms": {"p50": 1.5, "p95": 2.5, "p99": 4.0, "max": 5.0},
    "proven_ms": {},
}
ACCOUNT = AccountStatus(
    id=7,
    nickname="Main",
    realized_pnl=Decimal("-312.50"),
    locks=(LockStatus(rule="symbol_blocks", root=None, mode="flat", since=AT, until=None, reason="X"),),
    rules=(
        RuleStatus(name="daily_realized_loss", measured=Decimal(312), limit=Decimal(500), utilization=0.625),
        RuleStatus(name="symbol_blocks"),
    ),
)


def told(snapshot: Snapshot, **vitals: Any) -> set[str]:
    registry = CollectorRegistry()
    registry.register(Numbers(lambda: (snapshot, VITALS | vitals)))
    lines = generate_latest(registry).decode().splitlines()
    return {line for line in lines if not line.startswith("#")}


def snapshot() -> Snapshot:
    return Snapshot(
        at=AT,
        daemon=DaemonStatus(state="degraded", since=AT, version="1.2", mode="enforce"),
        parts=(
            PartStatus(name="store", state=WELL, since=AT, meaning=""),
            PartStatus(name="user_feed", state="silent", since=AT, meaning="", login="trader"),
        ),
        accounts=(ACCOUNT,),
    )


def test_every_number_is_told_under_its_name() -> None:
    assert told(snapshot()) == {
        'risk_manager_daemon_info{mode="enforce",state="degraded",version="1.2"} 1.0',
        'risk_manager_part_well{account="",login="",part="store",subject=""} 1.0',
        'risk_manager_part_well{account="",login="trader",part="user_feed",subject=""} 0.0',
        "risk_manager_events_total 12.0",
        "risk_manager_events_failed_total 1.0",
        "risk_manager_events_waiting 2.0",
        "risk_manager_rows_waiting 3.0",
        "risk_manager_memory_bytes 5e+07",
        'risk_manager_requests_last_minute{login="trader"} 9.0',
        'risk_manager_breaches_total{rule="max_contracts"} 4.0',
        'risk_manager_enforcements_total{stage="proven"} 4.0',
        'risk_manager_first_request_seconds{quantile="0.5"} 0.0015',
        'risk_manager_first_request_seconds{quantile="0.95"} 0.0025',
        'risk_manager_first_request_seconds{quantile="0.99"} 0.004',
        'risk_manager_first_request_seconds{quantile="1"} 0.005',
        'risk_manager_realized_pnl_dollars{account="7"} -312.5',
        'risk_manager_locks{account="7"} 1.0',
        'risk_manager_rule_utilization{account="7",rule="daily_realized_loss",subject=""} 0.625',
    }


def test_what_is_not_known_is_not_told() -> None:
    lines = "\n".join(told(snapshot(), memory_bytes=None))
    assert "memory" not in lines
    assert "unrealized" not in lines.replace("realized_pnl_dollars{account", "")


def test_an_open_pnl_is_told_once_it_is_known() -> None:
    marked = AccountStatus(id=7, nickname="Main", unrealized_pnl=Decimal("12.5"))
    one = Snapshot(at=AT, daemon=DaemonStatus(state="live", since=AT, version="1"), accounts=(marked,))
    assert 'risk_manager_unrealized_pnl_dollars{account="7"} 12.5' in told(one)
