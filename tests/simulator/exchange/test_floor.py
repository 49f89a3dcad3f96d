from datetime import datetime, timedelta

from risk_manager.simulator.exchange.changes import OrderChanged
from risk_manager.simulator.exchange.orders import Status, Type
from tests.simulator.exchange.pit import ACCOUNT, Pit


def test_what_is_due_is_done_in_order_at_its_own_instant() -> None:
    pit, done = Pit(), list[tuple[str, datetime]]()
    floor, later = pit.exchange.floor, pit.now + timedelta(seconds=2)
    floor.schedule(later, lambda at: done.append(("second", at)))
    floor.after(1, lambda at: done.append(("first", at)), now=pit.now)
    assert floor.next_due() == pit.now + timedelta(seconds=1)
    floor.run_due(pit.now + timedelta(seconds=9))
    assert done == [("first", pit.now + timedelta(seconds=9)), ("second", later)]


def test_numbers_are_never_given_twice() -> None:
    floor = Pit().exchange.floor
    numbers = [floor.next_id("order") for _ in range(5)]
    assert len(set(numbers)) == 5
    assert min(numbers) > 2**31


def test_what_was_told_does_not_change_with_the_order() -> None:
    pit = Pit()
    order = pit.buy(kind=Type.LIMIT, limit_price="23400")
    told = [change for change in pit.told() if isinstance(change, OrderChanged)]
    pit.exchange.floor.put_status(order, Status.CANCELLED, pit.now)
    assert [change.order.status for change in told] == [Status.PENDING, Status.OPEN]


def test_orders_that_are_over_are_not_among_the_living() -> None:
    pit = Pit()
    resting = pit.buy(kind=Type.LIMIT, limit_price="23400")
    pit.buy()
    floor = pit.exchange.floor
    assert floor.living_orders(pit.mnq.id, ACCOUNT) == floor.working(pit.mnq.id) == [resting]
    assert len(list(floor.account_orders(ACCOUNT))) == 2
    assert floor.position(5, pit.mnq.id) is None
