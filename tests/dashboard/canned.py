"""Snapshots of trading days: calm, near a limit, locked."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from risk_manager.dashboard.known import Known, told_snapshot
from risk_manager.local_api.frames import Message, remembered
from risk_manager.local_api.messages import (
    AccountStatus,
    DaemonStatus,
    Deed,
    EnforcementAction,
    FeedStatus,
    HeldPosition,
    LockStatus,
    RuleStatus,
    Snapshot,
    Verdict,
    Warned,
    WorkingOrder,
)
from tests.dashboard.canned_day import NOW, RESET, RULEBOOK, calendar, parts, wandering

ES, MNQ = "CON.F.US.EP.U26", "CON.F.US.MNQ.U26"


def rule(name: str, measured: str, limit: str, subject: str = "", mode: str = "enforce") -> RuleStatus:
    """A limit with what is used of it."""
    share = float(Decimal(measured) / Decimal(limit))
    return RuleStatus(
        name=name,
        mode=mode,
        measured=Decimal(measured),
        limit=Decimal(limit),
        utilization=max(share, 0.0),
        subject=subject,
    )


def lock(**changes: Any) -> LockStatus:
    """The daily loss has locked the account until the reset."""
    locked = LockStatus(
        rule="daily_realized_loss",
        root=None,
        mode="flat",
        since=NOW - timedelta(minutes=3),
        until=RESET,
        reason="DAILY_REALIZED_LOSS_REACHED measured=512.50 limit=500",
    )
    return msgspec.structs.replace(locked, **changes)


def position(**changes: Any) -> HeldPosition:
    """Two ES long, up 75 dollars."""
    held = HeldPosition(
        contract_id=ES,
        root="ES",
        side="long",
        size=2,
        average_price=Decimal("5800.25"),
        mark=Decimal("5801.00"),
        unrealized_pnl=Decimal("75.00"),
        quote_at=NOW - timedelta(milliseconds=300),
        opened_at=NOW - timedelta(minutes=5),
    )
    return msgspec.structs.replace(held, **changes)


def order(**changes: Any) -> WorkingOrder:
    """A stop below two ES."""
    working = WorkingOrder(
        id=3000000001,
        contract_id=ES,
        root="ES",
        side="sell",
        type="stop",
        size=2,
        status="open",
        stop_price=Decimal("5795.00"),
    )
    return msgspec.structs.replace(working, **changes)


def enforcement(**changes: Any) -> EnforcementAction:
    """The daily loss was met; everything is being closed."""
    started = EnforcementAction(
        id="p1",
        state="started",
        at=NOW - timedelta(minutes=3),
        decisions=(
            Verdict(
                rule="daily_realized_loss",
                code="DAILY_REALIZED_LOSS_REACHED",
                measured=Decimal("512.50"),
                limit=Decimal(500),
            ),
        ),
        actions=(
            Deed(do="close_all"),
            Deed(do="cancel_all"),
            Deed(do="lock", mode="flat", until=RESET),
        ),
    )
    return msgspec.structs.replace(started, **changes)


def proven() -> EnforcementAction:
    """The same, done."""
    return EnforcementAction(
        id="p1",
        state="proven",
        at=NOW - timedelta(minutes=3) + timedelta(milliseconds=143),
        first_request_ms=0.84,
        proven_ms=143.2,
        past_limit=Decimal("12.50"),
    )


def account(**changes: Any) -> AccountStatus:
    """A good morning."""
    calm = AccountStatus(
        id=123456,
        nickname="Main",
        can_trade=True,
        balance=Decimal("50412.00"),
        realized_pnl=Decimal("-112.50"),
        unrealized_pnl=Decimal("75.00"),
        rules=(
            rule("max_contracts", "2", "5"),
            rule("max_contracts_per_instrument", "2", "3", "ES"),
            rule("daily_realized_loss", "112.50", "500"),
            RuleStatus(name="session_block_outside"),
        ),
        positions=(position(),),
        orders=(order(),),
        next_reset=RESET,
        simulated=True,
        pnl_curve=wandering("-112.50", "75.00", lowest=-113),
        calendar=calendar(),
        rulebook=RULEBOOK,
        warn_at=(0.7, 0.9),
    )
    return msgspec.structs.replace(calm, **changes)


def snapshot(*accounts: AccountStatus, recent: tuple[Message, ...] = (), **daemon: Any) -> Snapshot:
    """All is live."""
    state = DaemonStatus(state="live", since=NOW - timedelta(hours=2), version="0.1.0")
    return Snapshot(
        at=NOW,
        daemon=msgspec.structs.replace(state, **daemon),
        feeds=tuple(
            FeedStatus(name=name, state="live", since=NOW - timedelta(hours=2), age=0.2) for name in ("user", "market")
        ),
        parts=parts(),
        accounts=accounts or (account(),),
        recent=tuple(remembered(message) for message in recent),
    )


def calm() -> Snapshot:
    """Nothing to worry about."""
    return snapshot()


def near() -> Snapshot:
    """One more losing trade, and the day is over; a quote is old and a stop is missing."""
    return snapshot(
        account(
            realized_pnl=Decimal("-462.50"),
            unrealized_pnl=Decimal("-31.00"),
            pnl_curve=wandering("-462.50", "-31.00", lowest=-462),
            rules=(
                rule("daily_realized_loss", "462.50", "500"),
                rule("max_contracts_per_instrument", "2", "3", "ES"),
                rule("trade_frequency_limit", "7", "10", "per_hour", mode="shadow"),
                rule("max_contracts", "4", "5"),
                RuleStatus(name="session_block_outside"),
            ),
            positions=(
                position(mark=Decimal("5799.25"), unrealized_pnl=Decimal(-100), quote_at=NOW - timedelta(seconds=14)),
                position(
                    contract_id=MNQ,
                    root="MNQ",
                    side="short",
                    average_price=Decimal("21004.75"),
                    mark=Decimal("20987.50"),
                    unrealized_pnl=Decimal("69.00"),
                    grace_until=NOW + timedelta(seconds=47),
                ),
            ),
        ),
        recent=(
            Message(123456, Warned(at=NOW, code="NEAR_LIMIT", text="Daily loss is at 92 % of its limit, $37.50 left")),
        ),
    )


def locked() -> Snapshot:
    """The daily loss was met three minutes ago; ten seconds ago the trader tried again."""
    again = EnforcementAction(
        id="p2",
        state="proven",
        at=NOW - timedelta(seconds=10),
        decisions=(Verdict(rule="lockout", code="LOCKOUT"),),
        actions=(Deed(do="close", contract_id=MNQ), Deed(do="cancel", order_id=3000000009)),
        first_request_ms=0.91,
        proven_ms=88.0,
    )
    return snapshot(
        account(
            balance=Decimal("49899.50"),
            realized_pnl=Decimal("-512.50"),
            unrealized_pnl=Decimal(0),
            pnl_curve=wandering("-512.50", "0", lowest=-450),
            rules=(rule("daily_realized_loss", "512.50", "500"), rule("max_contracts", "0", "5")),
            positions=(),
            orders=(),
            locks=(lock(),),
        ),
        account(
            id=234567,
            nickname="Evaluation",
            positions=(),
            orders=(),
            realized_pnl=Decimal("210.40"),
            unrealized_pnl=Decimal(0),
        ),
        recent=(
            Message(123456, enforcement()),
            Message(123456, lock()),
            Message(123456, proven()),
            Message(123456, again),
        ),
    )


def known(body: Snapshot) -> Known:
    """A screen that has just been told."""
    return told_snapshot(Known(), body, at=NOW)
