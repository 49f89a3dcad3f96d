"""What is leaving: exits that trades have told and no report has shown."""

from dataclasses import replace
from decimal import Decimal

import pytest

from risk_manager.core.model.order import OrderSide
from risk_manager.core.model.trade import Trade
from risk_manager.core.state.leaving import Leaving
from tests.builders import ES, MNQ, after, trade


def exit_of(size: int, *, at: float = 5, pnl: str = "-20", trade_id: int = 1) -> Trade:
    return trade(pnl, trade_id=trade_id, signed_size=-size, at=after(at))


def leaving(*exits: Trade) -> Leaving:
    found = Leaving()
    for one in exits:
        found.add(one, one.size)
    return found


def parts(of: Leaving) -> list[tuple[int, int, str]]:
    return [(one.trade_id, one.size, str(one.realized_pnl)) for one in of.by_contract.get(MNQ, ())]


def test_exits_add_up_in_their_own_contract() -> None:
    found = leaving(exit_of(2), exit_of(1, trade_id=2))
    assert (found.size(MNQ), found.size(ES)) == (3, 0)


def test_a_part_of_an_exit_has_its_part_of_the_result() -> None:
    found = Leaving()
    found.add(exit_of(3, pnl="-20"), 1)
    assert parts(found) == [(1, 1, "-6.67")]


def test_a_corrected_exit_is_taken_over_and_a_voided_one_is_none() -> None:
    told = exit_of(2)
    found = leaving(told, exit_of(1, pnl="-1", trade_id=2))
    found.revise(replace(told, realized_pnl=Decimal(-30)))
    assert parts(found) == [(1, 2, "-30"), (2, 1, "-1")]
    found.revise(exit_of(9, trade_id=9))
    found.revise(replace(told, voided=True))
    assert parts(found) == [(2, 1, "-1")]


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        (-1, [(1, 2, "-20"), (2, 1, "-5")]),
        (0, [(1, 2, "-20"), (2, 1, "-5")]),
        (1, [(1, 1, "-10.00"), (2, 1, "-5")]),
        (2, [(2, 1, "-5")]),
        (3, []),
        (4, []),
    ],
)
def test_a_report_takes_the_earliest_exits_off(gone: int, left: list[tuple[int, int, str]]) -> None:
    found = leaving(exit_of(2), exit_of(1, pnl="-5", trade_id=2))
    found.show_gone(MNQ, gone, left=5)
    assert parts(found) == left


@pytest.mark.parametrize("left", [0, -1])
def test_nothing_leaves_what_is_flat_or_turned_round(left: int) -> None:
    found = leaving(exit_of(2))
    found.show_gone(MNQ, 1, left=left)
    assert found.by_contract == {}


def test_what_a_report_shows_of_a_contract_that_nothing_leaves_changes_nothing() -> None:
    found = leaving(exit_of(2))
    found.show_gone(ES, 1, left=1)
    assert parts(found) == [(1, 2, "-20")]


def test_exits_after_an_instant_stay() -> None:
    found = leaving(exit_of(2), exit_of(1, at=6, trade_id=2))
    assert not found.keep_after(MNQ, after(4))
    assert found.keep_after(MNQ, after(5))
    assert parts(found) == [(2, 1, "-20")]
    assert found.keep_after(MNQ, after(6))
    assert found.by_contract == {}
    assert not found.keep_after(MNQ, after(6))


def test_exits_on_another_side_go() -> None:
    found = leaving(exit_of(2))
    found.keep_on(MNQ, OrderSide.SELL)
    assert found.size(MNQ) == 2
    found.keep_on(MNQ, OrderSide.BUY)
    assert found.by_contract == {}
    found = leaving(exit_of(2))
    found.keep_on(MNQ, None)
    assert found.by_contract == {}
