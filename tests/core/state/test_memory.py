"""What is worth storing of an account."""

import copy

from tests.builders import MNQ, after, order, position, trade
from tests.core.state.test_account import learned


def test_a_copy_of_the_memory_is_the_memory() -> None:
    state = learned()
    state.learn_position(position(MNQ, 2), after(1))
    state.learn_order(order(5, MNQ, -2, filled=1), after(2), ours=True)
    state.learn_trade(trade("-5", at=after(3)), ours=False)
    assert copy.deepcopy(state.memory) == state.memory
    assert copy.deepcopy(state.memory) is not state.memory
