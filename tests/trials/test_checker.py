"""The soak's checker accepts what is right, and finds every kind of wrong in a doctored log."""

from decimal import Decimal

import pytest

from tests.trials.logs import LIMITS, MGC, MNQ, Log
from trials.soak.limits import Limits


def protected(size: int = 2, order: int = 1) -> Log:
    """A trader who holds what he may, behind his stop."""
    log = Log().at(1).price("23500").fill(order, size)
    return log.stop(order + 100, -size)


def closed(log: Log, size: int, *, order: int = 900, contract: str = MNQ, pnl: str = "-1") -> Log:
    """The daemon closes, and the venue fills it."""
    log.reply(log.close(contract))
    return log.fill(order, size, contract=contract, tag=None, pnl=pnl, net=0)


def test_a_trader_within_his_rules_who_is_left_alone_is_right() -> None:
    assert protected().at(60).wrong() == []


def test_a_breach_that_is_closed_soon_is_right_and_its_time_is_taken() -> None:
    log = protected(7).at(1.5)
    verdict = closed(log, -7).order(101, -7, kind=4, status=3).at(30).verdict()
    assert [one.text for one in verdict.violations] == []
    assert verdict.breaches["max_contracts"] == 1
    assert verdict.reactions[0] == pytest.approx(0.5)


def test_a_breach_that_nobody_closes_is_missed() -> None:
    assert any(text.startswith("max_contracts of account") for text in protected(7).at(30).wrong())


def test_a_breach_that_is_closed_late_is_missed_too() -> None:
    assert any("max_contracts" in text for text in closed(protected(7).at(9), -7).at(30).wrong())


@pytest.mark.parametrize(
    ("hurts", "is_right"), [("rest", True), ("stream", True), ("prices", False), ("nothing", False)]
)
def test_a_misfortune_excuses_only_what_it_makes_impossible(hurts: str, *, is_right: bool) -> None:
    log = Log().note(misfortune="it", hurts=hurts, seconds=10.0).at(1).price("23500").fill(1, 7).stop(2, -7).at(9)
    assert (closed(log, -7).order(2, -7, kind=4, status=3).at(30).wrong() == []) is is_right


def test_no_misfortune_excuses_for_ever() -> None:
    log = Log().note(misfortune="it", hurts="rest", seconds=10.0).at(1).price("23500").fill(1, 7).stop(2, -7)
    assert log.at(30).wrong()


def test_a_close_without_a_breach_is_found() -> None:
    assert any("without a breach" in text for text in closed(protected().at(20), -2).at(30).wrong())


def test_a_cancel_of_the_traders_stop_without_a_breach_is_found() -> None:
    log = protected().at(20)
    log.asks("Order/cancel", orderId=101)
    assert any("without a breach" in text for text in log.wrong())


def test_a_place_by_a_daemon_that_was_not_asked_to_is_found() -> None:
    log = protected().at(20)
    log.asks("Order/place", contractId=MNQ, type=4)
    assert any("place" in text for text in log.wrong())


def test_a_daemon_that_attaches_stops_may_where_there_was_none() -> None:
    log = Log().at(1).price("23500").fill(1, 2).at(1.1)
    log.asks("Order/place", contractId=MNQ, type=4)
    assert log.stop(9, -2).at(20).wrong(Limits(stop_ticks=20, session_end=LIMITS.session_end)) == []


def test_an_exit_that_turns_the_position_round_is_found() -> None:
    log = protected(7).at(2)
    log.reply(log.close())
    log.fill(900, -7, tag=None, pnl="-1", net=0).fill(901, -7, tag=None)
    assert any("made 0 into -7" in text for text in log.wrong())


def test_the_traders_own_exit_in_the_same_moment_is_a_race_and_told_as_such() -> None:
    log = protected(7).at(1.2)
    log.reply(log.close())
    verdict = log.fill(50, -7, pnl="-1", net=0).fill(901, -7, tag=None).fill(902, 7, tag=None, net=0).verdict()
    assert verdict.races >= 1
    assert not [one for one in verdict.violations if "made" in one.text]


def test_a_second_exit_before_the_first_is_answered_is_found() -> None:
    log = protected(7).at(1.2)
    log.close()
    log.at(1.3).close()
    assert any("a second exit" in text for text in log.wrong())


def test_a_new_life_may_ask_again() -> None:
    log = protected(7).at(1.2)
    log.close()
    log.at(1.3).note(daemon="starts").close()
    assert not any("a second exit" in text for text in log.wrong())


def test_a_position_without_a_stop_must_go_after_the_grace_and_not_before() -> None:
    bare = Log().at(1).price("23500").fill(1, 2)
    assert any("no_stop_loss_grace" in text for text in bare.at(30).wrong())
    early = closed(Log().at(1).price("23500").fill(1, 2).at(3), -2)
    assert any("without a breach" in text for text in early.wrong())
    on_time = closed(Log().at(1).price("23500").fill(1, 2).at(6), -2)
    assert on_time.at(30).wrong() == []


def test_what_is_opened_after_a_lost_day_must_go_and_going_on_is_missed() -> None:
    lost = Log().at(1).price("23500").fill(1, 2).fill(2, -2, pnl="-310", net=0)
    assert any(
        "flat for the day" in text or "daily_realized_loss" in text for text in lost.at(20).fill(3, 1).at(40).wrong()
    )


def test_a_blocked_product_must_go() -> None:
    assert any("symbol_blocks" in text for text in Log().at(1).fill(1, 1, contract=MGC).at(10).wrong())


def test_after_a_big_loss_nothing_may_be_added_and_what_is_held_must_be_left() -> None:
    begun = Log().at(1).price("23500").fill(1, 2).stop(101, -1).fill(2, -1, pnl="-95")
    added = begun.at(7).fill(3, 1).stop(103, -1)
    assert any("cooldown_after_loss: added" in text for text in added.at(12.5).wrong())
    left = Log().at(1).price("23500").fill(1, 2).stop(101, -2).at(3).fill(2, -1, pnl="-95").at(4)
    assert any("without a breach" in text for text in closed(left, -1).wrong())


def test_too_many_orders_in_a_minute_are_counted_without_the_daemons() -> None:
    log = Log().at(1).price("23500")
    for number in range(1, 19):
        log.fill(number, 1 if number % 2 else -1, pnl=None if number % 2 else "0", net=number % 2)
    assert log.verdict().breaches["trade_frequency_limit"] == 2
    own = Log().at(1).price("23500")
    for number in range(1, 17):
        own.fill(number, 1 if number % 2 else -1, pnl=None if number % 2 else "0", net=number % 2)
    assert own.verdict().breaches["trade_frequency_limit"] == 0


def test_an_account_that_may_not_trade_must_be_flat() -> None:
    assert any("auth_loss_guard" in text for text in protected().at(5).can_trade(allowed=False).at(20).wrong())


def test_an_open_loss_at_the_limit_must_be_closed() -> None:
    log = protected().at(5).price("23440")  # 240 ticks, two contracts, half a dollar: 240 dollars
    for second in range(6, 20):
        log.seconds = float(second)
        log.price("23440")
    assert any("daily_unrealized_loss" in text for text in log.wrong())
    assert not log.wrong(Limits(session_end=LIMITS.session_end, open_loss=Decimal(241)))


def test_a_request_budget_that_is_exceeded_is_found_unless_the_429_was_ordered() -> None:
    log = protected().at(5)
    log.reply(log.asks("Position/searchOpen"), path="/api/Position/searchOpen", status=429)
    assert any("budget" in text for text in log.wrong())


def hurt_stream(log: Log, seconds: float = 10.0) -> Log:
    """The stream is hurt, and tells nothing of seven contracts that are bought at once."""
    return log.note(misfortune="it", hurts="stream", seconds=seconds).price("23500").fill(1, 7).stop(2, -7)


def refused(log: Log, times: int = 1) -> Log:
    for _ in range(times):
        log.reply(log.asks("Position/searchOpen"), path="/api/Position/searchOpen", status=429)
    return log


def closed_at(log: Log, seconds: float) -> list[str]:
    """What is wrong when the seven are closed only then, but for the request limit itself, of which others tell."""
    wrong = closed(log.at(seconds), -7).order(2, -7, kind=4, status=3).at(seconds + 10).wrong()
    return [text for text in wrong if "budget" not in text]


def test_a_pause_after_a_429_in_which_rest_cannot_stand_in_for_the_stream_does_not_count() -> None:
    log = refused(Log().at(1)).at(7)  # the next one is the second in a row: a quarter of a minute
    assert closed_at(hurt_stream(refused(log)), 23) == []


def test_without_a_429_rest_must_have_stood_in_for_the_stream_by_then() -> None:
    assert any("max_contracts" in text for text in closed_at(hurt_stream(Log().at(7)), 23))


def test_a_429_excuses_nothing_while_the_stream_tells() -> None:
    log = refused(Log().at(1), 3).price("23500").fill(1, 7).stop(2, -7)
    assert any("max_contracts" in text for text in closed_at(log, 9))


def test_a_pause_that_is_over_excuses_nothing_more() -> None:
    log = hurt_stream(refused(Log().at(1)))  # five seconds, and then the stream's own ten
    assert any("max_contracts" in text for text in closed_at(log, 30))


def test_a_daemon_that_starts_knows_of_no_pause() -> None:
    log = refused(refused(Log().at(1)).at(7)).at(8).note(daemon="starts").at(9)
    log.asks("Position/searchOpen")
    assert any("max_contracts" in text for text in closed_at(hurt_stream(log.at(16)), 31))


def test_a_used_up_request_limit_lengthens_the_time_in_which_the_stream_alone_was_to_tell() -> None:
    def used_up(requests: int) -> Log:
        log = Log().at(1)
        for _ in range(requests):
            log.asks("Position/searchOpen")
        return hurt_stream(log, seconds=6.0)

    assert closed_at(used_up(140), 60) == []
    assert any("max_contracts" in text for text in closed_at(used_up(140), 80))
    assert any("max_contracts" in text for text in closed_at(used_up(100), 60))


def test_a_venue_that_stands_still_makes_no_daemon_late_and_one_that_goes_on_does() -> None:
    begun = protected(7).at(2)
    begun.seconds = 12.0  # ten seconds without a line in the venue's log
    assert closed(begun, -7).order(101, -7, kind=4, status=3).at(30).wrong() == []
    begun = protected(7).at(2)
    begun.seconds = 12.0
    assert any("max_contracts" in text for text in closed(begun.at(16), -7).at(30).wrong())
