"""The venue's list of a login's accounts, as events: who may trade, who is gone."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from risk_manager.core.events import AccountUpdated, AccountVanished
from risk_manager.core.model.account import Account


def account_events(
    listed: Iterable[Account], *, wanted: Iterable[int], known: Iterable[int], at: datetime
) -> Iterator[AccountUpdated | AccountVanished]:
    """Word the list for the accounts that are wanted; a known one that it lacks has vanished."""
    by_id = {account.account_id: account for account in listed}
    for account_id in sorted(wanted):
        account = by_id.get(account_id)
        if account is not None:
            yield AccountUpdated(
                at=at,
                account_id=account_id,
                can_trade=account.can_trade,
                balance=account.balance,
                name=account.name,
                simulated=account.simulated,
            )
        elif account_id in known:
            yield AccountVanished(at=at, account_id=account_id)
