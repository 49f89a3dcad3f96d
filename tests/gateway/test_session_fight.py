"""Two programs that end each other's session."""

from risk_manager.gateway.session_fight import PAUSE, SessionFight


def test_five_logouts_in_two_minutes_are_borne() -> None:
    fight = SessionFight()
    for second in range(5):
        fight.logged_out(second)
    assert fight.pause(5) == 0


def test_the_sixth_in_two_minutes_keeps_the_streams_away() -> None:
    fight = SessionFight()
    for second in range(6):
        fight.logged_out(second * 10)
    assert fight.pause(50) == PAUSE
    assert fight.pause(50 + PAUSE) == 0


def test_logouts_spread_over_a_longer_time_are_no_fight() -> None:
    fight = SessionFight()
    for minute in range(20):
        fight.logged_out(minute * 30)
    assert fight.pause(600) == 0
