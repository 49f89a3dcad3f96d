"""One request on its way to an endpoint, with the envelopes of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from risk_manager.simulator import wire
from risk_manager.simulator.exchange.accounts import Account
from risk_manager.simulator.exchange.placing import Outcome
from risk_manager.simulator.stage import Stage
from risk_manager.simulator.tokens import Session

Reply = wire.Fields


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asks, when, and at which stage."""

    stage: Stage
    session: Session | None
    now: datetime

    def account(self, account_id: int) -> Account | None:
        """The caller's account; None when there is none of that id or it is somebody else's."""
        account = self.stage.exchange.accounts.get(account_id)
        if account is None or self.session is None or account.owner != self.session.caller:
            return None
        return account


class BadPaging(ValueError):  # noqa: N818 - named for what the caller did
    """The page that was asked for cannot exist: HTTP 400."""


def success(**payload: Any) -> Reply:
    """An envelope of a success."""
    return {**payload, "success": True, "errorCode": 0, "errorMessage": None}


def failure(code: int, text: str | None = None, **payload: Any) -> Reply:
    """An envelope of a business failure: it travels with HTTP 200 all the same."""
    return {**payload, "success": False, "errorCode": int(code), "errorMessage": text}


def envelope(outcome: Outcome) -> Reply:
    """An envelope without payload."""
    return success() if outcome.is_success else failure(outcome.code, outcome.text)


def is_within(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    """Whether an instant lies between the two, where given."""
    return (start is None or at >= start) and (end is None or at <= end)
