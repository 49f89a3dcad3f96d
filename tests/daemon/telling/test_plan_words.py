from datetime import UTC, datetime
from decimal import Decimal

import pytest

from risk_manager.core import actions as do
from risk_manager.core.decisions import Decision
from risk_manager.core.model.order import OrderSide
from risk_manager.daemon.telling.plan_words import deed_of, verdict_of

UNTIL = datetime(2026, 8, 20, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("action", "word"),
    [
        (do.Close("C"), "close"),
        (do.Reduce("C", 2), "reduce"),
        (do.CloseAll(), "close_all"),
        (do.Cancel(1), "cancel"),
        (do.CancelSymbol("ES"), "cancel_symbol"),
        (do.CancelAll(), "cancel_all"),
        (do.Resize(1, 2), "resize"),
        (do.Lock(rule="r", code="C", mode=do.LockMode.FLAT, until=UNTIL), "lock"),
        (do.Unlock(rule="r"), "unlock"),
        (do.PlaceStop(contract_id="C", side=OrderSide.BUY, size=1, stop=Decimal(1)), "place_stop"),
        (do.MoveStop(order_id=1, stop=Decimal(1)), "move_stop"),
        (do.Warn("W"), "warn"),
    ],
)
def test_every_action_has_its_word(action: do.Action, word: str) -> None:
    assert deed_of(action).do == word


def test_a_verdict_keeps_its_numbers_exactly() -> None:
    decision = Decision(rule="r", code="C", actions=(), measured=Decimal("512.50"), limit=500)
    verdict = verdict_of(decision)
    assert (verdict.measured, verdict.limit) == (Decimal("512.50"), Decimal(500))
