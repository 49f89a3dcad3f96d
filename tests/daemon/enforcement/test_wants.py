from dataclasses import replace

import pytest

from risk_manager.core.model.order import OrderStatus
from risk_manager.daemon.enforcement.goals import Goals
from risk_manager.daemon.enforcement.requests import CancelOrder, ClosePosition, ReducePosition, Request, ResizeOrder
from risk_manager.daemon.enforcement.wants import EXIT_PATIENCE, Wants, fits
from tests.daemon.enforcement.test_pursuit import EXIT, STOP, seen
from tests.daemon.fake_venue import ES

FLAT = Goals(targets={ES: 0})


def test_the_close_leaves_first_and_then_the_cancels_of_what_rests() -> None:
    assert Wants().requests(FLAT, seen(5, STOP)) == [ClosePosition(ES), CancelOrder(STOP.order_id)]


@pytest.mark.parametrize(("held", "wanted"), [(1, []), (2, []), (3, [ReducePosition(ES, 1)])])
def test_only_what_is_above_the_target_is_sold(held: int, wanted: list[Request]) -> None:
    assert Wants().requests(Goals(targets={ES: 2}), seen(held)) == wanted


def test_exits_are_sized_to_what_stays() -> None:
    assert Wants().requests(Goals(targets={ES: 2}), seen(2, STOP)) == [ResizeOrder(STOP.order_id, 2)]


def test_nothing_is_asked_for_that_is_being_cancelled() -> None:
    going = replace(STOP, status=OrderStatus.PENDING_CANCELLATION)
    assert Wants().requests(FLAT, seen(0, going)) == []


@pytest.mark.parametrize(("later", "wanted"), [(EXIT_PATIENCE - 0.1, []), (EXIT_PATIENCE, [CancelOrder(1)])])
def test_an_exit_that_does_not_fill_is_cancelled_when_patience_is_over(later: float, wanted: list[Request]) -> None:
    wants = Wants()
    wants.note_exits(FLAT, seen(5, EXIT, at=100.0))
    wants.note_exits(FLAT, seen(5, EXIT, at=100.0 + later))
    assert wants.requests(FLAT, seen(5, EXIT, at=100.0 + later)) == wanted


def test_an_order_that_is_gone_or_small_enough_fits() -> None:
    assert fits(None, 0)
    assert fits(replace(STOP, status=OrderStatus.CANCELLED), 1)
    assert fits(STOP, STOP.size)
    assert not fits(STOP, STOP.size - 1)
