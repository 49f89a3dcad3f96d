"""What is worth storing of an account."""

import copy

from risk_manager.core.events import AccountUpdated, AccountVanished
from tests.builders import MNQ, after, dec, order, position, trade
from tests.core.state.test_account import learned


def test_a_copy_of_the_memory_is_the_memory() -> None:
    state = learned()
    state.learn_position(position(MNQ, 2), after(1))
    state.learn_order(order(5, MNQ, -2, filled=1), after(2), ours=True)
    state.learn_trade(trade("-5", at=after(3)), ours=False)
    assert copy.deepcopy(state.memory) == state.memory
    assert copy.deepcopy(state.memory) is not state.memory


def test_what_the_venue_tells_of_an_account_is_taken_in_and_what_it_does_not_tell_is_unchanged() -> None:
    memory = learned().memory
    memory.learn_account(AccountUpdated(at=after(1), account_id=1, can_trade=False, balance=dec(5), name="X"))
    memory.learn_account(AccountUpdated(at=after(2), account_id=1, simulated=True))
    account = memory.account
    assert (account.can_trade, account.balance, account.name, account.simulated) == (False, dec(5), "X", True)
    memory.learn_account(AccountVanished(at=after(3), account_id=1))
    memory.learn_account(AccountUpdated(at=after(4), account_id=1))
    assert memory.vanished
    memory.learn_account(AccountUpdated(at=after(5), account_id=1, can_trade=True))
    assert not memory.vanished
