"""Orders as last heard of."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from risk_manager.core.model.order import Order, OrderStatus, OrderType
from risk_manager.core.state.orders import Orders
from tests.builders import ES, MNQ, after, order


def test_an_order_told_twice_is_one() -> None:
    orders = Orders()
    assert orders.learn(order(1), after(0))
    assert not orders.learn(order(1), after(1))
    assert len(orders.working) == 1


def test_an_end_is_final() -> None:
    orders = Orders()
    orders.learn(order(1, status=OrderStatus.CANCELLED, updated_at=after(0)), after(0))
    assert not orders.learn(order(1, status=OrderStatus.OPEN, updated_at=after(5)), after(5))
    assert orders.working == {}


def test_what_is_older_than_what_is_known_changes_nothing() -> None:
    orders = Orders()
    orders.learn(order(1, signed_size=3, updated_at=after(5)), after(5))
    assert not orders.learn(order(1, signed_size=2, updated_at=after(4)), after(6))
    assert orders.learn(order(1, signed_size=2, updated_at=after(5)), after(6))
    assert orders.learn(order(1, signed_size=1), after(7))
    assert orders.working[1].size == 1


def test_filled_contracts_never_become_fewer() -> None:
    orders = Orders()
    orders.learn(order(1, signed_size=3, filled=2), after(0))
    orders.learn(order(1, signed_size=4, filled=1), after(1))
    assert orders.working[1].filled_size == 2
    assert orders.working[1].size == 4


def test_unknown_states_are_working() -> None:
    orders = Orders()
    for number, status in enumerate((OrderStatus.NONE, OrderStatus.UNKNOWN, OrderStatus.SUSPENDED)):
        orders.learn(order(number, status=status), after(0))
    assert len(orders.working) == 3
    orders.learn(order(0, status=OrderStatus.FILLED, filled=1), after(1))
    assert orders.working.keys() == {1, 2}


def test_a_picture_forgets_what_it_does_not_show_unless_it_was_heard_of_later() -> None:
    orders = Orders()
    orders.learn(order(1), after(0))
    orders.learn(order(2), after(10))
    orders.learn(order(3), after(11))
    orders.drop_missing(frozenset([1]), after(10))
    assert orders.working.keys() == {1, 3}
    assert orders.by_id.keys() == {1, 3}


def test_ended_orders_are_forgotten_in_time_and_working_ones_never() -> None:
    orders = Orders()
    orders.own.update([1, 2])
    orders.learn(order(1, status=OrderStatus.FILLED), after(0))
    orders.learn(order(2), after(0))
    orders.learn(order(3, status=OrderStatus.FILLED), after(10))
    orders.forget_before(after(5))
    assert orders.by_id.keys() == {2, 3}
    assert orders.own == {2}


def test_the_parent_of_a_working_child_is_not_forgotten() -> None:
    orders = Orders()
    orders.learn(order(1, status=OrderStatus.FILLED), after(0))
    orders.learn(replace(order(2, status=OrderStatus.SUSPENDED), parent_id=1), after(0))
    orders.forget_before(after(5))
    assert orders.by_id.keys() == {1, 2}
    orders.drop_missing(frozenset(), after(6))
    orders.forget_before(after(7))
    assert not orders.by_id


def test_orders_are_found_by_contract() -> None:
    orders = Orders()
    orders.learn(order(1, MNQ), after(0))
    orders.learn(order(2, ES), after(0))
    assert [one.order_id for one in orders.of_contract(ES)] == [2]


def test_by_contract_only_working_orders_are_found_as_they_are_now() -> None:
    orders = Orders()
    for number in (1, 2, 3):
        orders.learn(order(number, MNQ), after(0))
    orders.learn(order(1, MNQ, signed_size=4), after(1))
    orders.learn(order(2, MNQ, status=OrderStatus.CANCELLED), after(1))
    assert {one.order_id: one.size for one in orders.of_contract(MNQ)} == {1: 4, 3: orders.working[3].size}
    orders.drop_missing(frozenset([3]), after(2))
    assert [one.order_id for one in orders.of_contract(MNQ)] == [3]
    orders.learn(order(3, MNQ, status=OrderStatus.EXPIRED), after(3))
    assert list(orders.of_contract(MNQ)) == []


def test_the_daemons_own_close_is_known_while_it_may_fill_but_is_no_working_order_to_be_cancelled() -> None:
    orders = Orders(own={1})
    orders.learn(order(1, kind=OrderType.MARKET), after(0))
    orders.learn(order(2, kind=OrderType.MARKET), after(0))
    assert (list(orders.exiting), list(orders.working)) == ([1], [2])
    orders.learn(order(1, kind=OrderType.MARKET, status=OrderStatus.FILLED), after(1))
    assert orders.exiting == {}


def test_a_picture_that_does_not_show_the_close_any_more_ends_the_wait_for_it() -> None:
    orders = Orders(own={1})
    orders.learn(order(1, kind=OrderType.MARKET), after(5))
    orders.drop_missing(frozenset(), after(4))
    assert list(orders.exiting) == [1]
    orders.drop_missing(frozenset(), after(5))
    assert orders.exiting == {}


def test_what_was_stored_is_sorted_as_if_it_had_just_been_heard() -> None:
    orders = Orders(own={1})
    orders.restore([order(1, kind=OrderType.MARKET), order(2), order(3, status=OrderStatus.CANCELLED)])
    assert (set(orders.by_id), set(orders.exiting), set(orders.working)) == ({1, 2, 3}, {1}, {2})


ORDERS = st.builds(
    lambda order_id, contract_id, kind, status: order(order_id, contract_id, kind=kind, status=status),
    st.integers(1, 4),
    st.sampled_from([MNQ, ES]),
    st.sampled_from([OrderType.LIMIT, OrderType.MARKET]),
    st.sampled_from([OrderStatus.OPEN, OrderStatus.PENDING, OrderStatus.FILLED]),
)


@given(st.lists(st.one_of(ORDERS, st.frozensets(st.integers(1, 4)), st.just("own"), st.just("forget"))))
def test_the_orders_of_a_contract_are_the_working_ones_in_it_whatever_has_happened(happened: list[object]) -> None:
    orders = Orders()
    for number, one in enumerate(happened):
        if one == "own":
            orders.own.add(1 + number % 4)
        elif one == "forget":
            orders.forget_before(after(number))
        elif isinstance(one, frozenset):
            orders.drop_missing(one, after(number - 1))
        elif isinstance(one, Order):
            orders.learn(one, after(number))
        for contract_id in (MNQ, ES):
            working = [each for each in orders.working.values() if each.contract_id == contract_id]
            assert list(orders.of_contract(contract_id)) == working
