from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from risk_manager.core.model.position import Position
from risk_manager.daemon.enforcement.goals import Reading
from risk_manager.daemon.enforcement.succession import Succession
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.virtual_time import START

HELD = Position(account_id=ACCOUNT, contract_id=ES, net_size=1, average_price=Decimal(1), opened_at=START)
FIRST = Reading(sent_at=1, positions={ES: HELD})
SECOND = Reading(sent_at=2, positions={ES: replace(HELD, opened_at=START + timedelta(seconds=1))})


def test_a_position_opened_later_follows_the_one_that_was_aimed_at() -> None:
    succession = Succession()
    succession.aim([ES], FIRST)
    assert not succession.is_over(ES, FIRST)
    assert succession.is_over(ES, SECOND)


def test_what_was_never_aimed_at_or_does_not_say_since_when_it_is_held_follows_nobody() -> None:
    succession = Succession()
    assert not succession.is_over(ES, SECOND)
    succession.aim([ES], FIRST)
    assert not succession.is_over(ES, Reading(sent_at=2, positions={ES: replace(HELD, opened_at=None)}))
    assert not succession.is_over(ES, Reading(sent_at=2))


def test_a_new_aim_at_the_same_contract_is_at_what_is_there_then() -> None:
    succession = Succession()
    succession.aim([ES], FIRST)
    succession.aim_where_new([ES], SECOND)
    assert succession.is_over(ES, SECOND)
    succession.aim_where_new([], SECOND)
    succession.aim_where_new([ES], SECOND)
    assert not succession.is_over(ES, SECOND)
