from risk_manager.core.events import AccountUpdated, AccountVanished
from risk_manager.core.model.account import Account
from risk_manager.daemon.account_list import account_events
from tests.daemon.virtual_time import START


def test_wanted_accounts_are_told_and_a_known_one_that_is_missing_has_vanished() -> None:
    listed = [Account(account_id=1, can_trade=False), Account(account_id=9)]
    told = list(account_events(listed, wanted={1, 2, 3}, known={1, 2}, at=START))
    assert [type(one) for one in told] == [AccountUpdated, AccountVanished]
    assert [one.account_id for one in told] == [1, 2]
    assert isinstance(told[0], AccountUpdated)
    assert told[0].can_trade is False
