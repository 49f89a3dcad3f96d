"""Looks at canned days, and what a view makes of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from risk_manager.dashboard.known import Known, told_away
from risk_manager.dashboard.lines import Line, plain
from risk_manager.dashboard.look import Look
from risk_manager.local_api.messages import Snapshot
from tests.dashboard import canned
from tests.dashboard.canned_day import NOW


def look(
    body: Snapshot | None = None, *, away: bool = False, now: datetime = NOW, width: int = 78, **more: Any
) -> Look:
    """Look at the first account of a snapshot; the others are its company."""
    whole = canned.calm() if body is None else body
    known: Known = canned.known(whole)
    known = told_away(known, "nobody listens") if away else known
    account = whole.accounts[0]
    return Look(known=known, account=account, now=now, width=width, height=more.get("height", 18), **_picked(more))


def _picked(more: dict[str, Any]) -> dict[str, int]:
    return {"picked": more["picked"]} if "picked" in more else {}


def changed(body: Snapshot, **changes: Any) -> Snapshot:
    """Change the first account of a snapshot."""
    first, *others = body.accounts
    return msgspec.structs.replace(body, accounts=(msgspec.structs.replace(first, **changes), *others))


def text(lines: Iterable[Line]) -> str:
    """Read lines as a page."""
    return "\n".join(plain(line) for line in lines)
