from risk_manager.daemon.enforcement.goals import Goals
from risk_manager.daemon.enforcement.taking_back import TakingBack
from tests.daemon.enforcement.test_pursuit import seen
from tests.daemon.fake_venue import ES


def test_what_was_opened_is_taken_back_and_what_the_trader_opened_beside_it_stays() -> None:
    taking_back = TakingBack()
    taking_back.note(ES, -2, 100.0)
    assert taking_back.goals(seen(-3, at=100.1), changing=()) == Goals(targets={ES: 1})
    assert taking_back.goals(seen(-3, at=100.2), changing=()) == Goals()


def test_an_older_reading_tells_nothing_and_one_change_after_the_other_is_made() -> None:
    taking_back = TakingBack()
    taking_back.note(ES, -1, 100.0)
    assert not taking_back.goals(seen(-1, at=99.9), changing=())
    assert not taking_back.goals(seen(-1, at=100.1), changing={ES})
    taking_back.note(ES, -1, 100.2)
    assert taking_back.goals(seen(-2, at=100.3), changing=()) == Goals(targets={ES: 0})


def test_what_is_gone_already_needs_nothing() -> None:
    for held in (0, 3):
        taking_back = TakingBack()
        taking_back.note(ES, -1, 100.0)
        assert not taking_back.goals(seen(held, at=100.1), changing=())
        assert taking_back.opened == {}
