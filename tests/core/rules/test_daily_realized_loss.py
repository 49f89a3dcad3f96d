"""RULE-003: stop for the day at a loss."""

from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import CancelAll, CloseAll, Lock, LockMode
from risk_manager.core.events import ContractLearned
from risk_manager.core.model.contract import Contract
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from tests.builders import MNQ, RESET, UNKNOWN, Desk, account_state, after, dec, deeds, position, trade


def rule(**settings: Any) -> DailyRealizedLoss:
    return DailyRealizedLoss.model_validate({"loss_limit": 500, **settings})


@pytest.mark.parametrize(("cents", "breaches"), [(499_99, False), (500_00, True), (500_01, True)])
def test_it_stops_at_the_limit_and_not_a_cent_before(cents: int, breaches: bool) -> None:  # noqa: FBT001 - a table
    desk = Desk(rule())
    desk.fills("-400", at=0)
    plans = desk.fills(-(dec(cents) / 100 - 400), at=1)
    assert bool(plans) is breaches
    if breaches:
        close, cancel, lock = deeds(plans)
        assert (close, cancel) == (CloseAll(), CancelAll())
        assert isinstance(lock, Lock)
        assert (lock.mode, lock.until, lock.root) == (LockMode.FLAT, RESET, None)


def test_permanent_has_no_end() -> None:
    (lock,) = [one for one in deeds(Desk(rule(lockout="permanent")).fills("-500")) if isinstance(one, Lock)]
    assert lock.until is None


def test_fees_left_out_of_the_result_only_where_asked() -> None:
    costly = trade("-500", fees=3, commissions=2)
    cheap = trade("-505", fees=3, commissions=2)
    assert Desk(rule()).trades(costly)
    assert Desk(rule(include_fees=False)).trades(costly)
    assert Desk(rule()).trades(cheap)


def test_open_pnl_counts_only_with_that_basis() -> None:
    for basis, breaches in (("realized", False), ("realized_plus_open", True)):
        desk = Desk(rule(basis=basis))
        desk.fills("-400")
        desk.holds(MNQ, 1)
        assert not desk.quotes(MNQ, 100 + -49)
        assert bool(desk.quotes(MNQ, 100 + -50)) is breaches


def test_a_position_that_appears_at_a_known_price_is_judged_at_once() -> None:
    desk = Desk(rule(basis="realized_plus_open"))
    desk.quotes(MNQ, 100 + -250)
    assert desk.holds(MNQ, 1)


def test_a_contract_whose_worth_becomes_known_is_judged_at_once() -> None:
    desk = Desk(rule(basis="realized_plus_open"))
    desk.quotes(UNKNOWN, 100 + -500)
    assert not desk.holds(UNKNOWN, 1)
    told = Contract(UNKNOWN, "NBU6", "F.US.NOBODY", dec(1), dec(1))
    assert desk.hear(ContractLearned(at=after(1), contract=told))


def test_a_result_found_by_a_full_picture_counts() -> None:
    assert Desk(rule()).reads(trades=[trade("-500")], at=1)


def test_the_reset_starts_a_new_sum() -> None:
    desk = Desk(rule())
    desk.fills("-499", at=0)
    assert not desk.fills("-499", at=7 * 3600)
    assert desk.fills("-499", at=7 * 3600 + 1)


def test_utilization_is_the_share_of_the_limit_and_never_negative() -> None:
    state = account_state(position(MNQ, 1))
    state.learn_trade(trade("-250"), ours=False)
    assert rule().utilization(state)[0].ratio == dec("0.5")
    state.learn_trade(trade("750"), ours=False)
    assert rule().utilization(state)[0].ratio == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"loss_limit": 0},
        {"loss_limit": -1},
        {"loss_limit": "NaN"},
        {"loss_limit": "Infinity"},
        {},
        {"loss_limit": 1, "lockout": "none"},
        {"loss_limit": 1, "lockout": "15m"},
    ],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DailyRealizedLoss.model_validate(settings)
