from collections import Counter

from tests.trials.logs import Log
from trials.soak.__main__ import grown
from trials.soak.limits import ACCOUNTS, limits, rules_yaml
from trials.soak.script import KILLS_UNTIL, MISFORTUNES, script
from trials.soak.stage import Memory
from trials.soak.windows import BRIDGED, Window, Windows, windows_of


def test_the_same_seed_writes_the_same_script_and_another_seed_another() -> None:
    assert script(7, 2) == script(7, 2)
    assert script(7, 2) != script(8, 2)


def test_ten_minutes_hold_most_misfortunes_and_work_for_every_account() -> None:
    acts = script(1, 10)
    named = Counter(act.values["misfortune"] for act in acts if act.deed == "note")
    assert len(named) >= len(MISFORTUNES) * 0.8
    traders = Counter(act.values["account"] for act in acts if act.deed == "place")
    assert min(traders[account] for account in ACCOUNTS) > 30
    assert all(act.at <= 600 for act in acts)
    assert all(act.at < 600 * KILLS_UNTIL + 5 for act in acts if act.deed == "daemon/kill")


def test_the_rules_name_every_rule() -> None:
    text = rules_yaml(limits(10))
    for rule in ("max_contracts:", "daily_realized_profit", "trade_management", "auth_loss_guard", "symbol_blocks"):
        assert rule in text


def test_memory_is_compared_within_a_life_once_it_has_settled() -> None:
    assert grown(Memory([[(1, 40.0), (25, 80.0), (300, 83.0)], [(30, 70.0)]]), [0.0, 0.0]) == 3.0
    assert grown(Memory([[(5, 40.0)]]), [0.0]) == 0.0


def test_a_window_says_what_a_second_counts() -> None:
    windows = Windows([Window(10, 20, "stream", "a"), Window(18, 25, "rest", "b"), Window(30, 35, "prices", "c")])
    assert [windows.rate(at, of_prices=False) for at in (5, 12, 19, 24, 31)] == [1.0, BRIDGED, 0.0, 0.0, 1.0]
    assert windows.rate(31, of_prices=True) == 0.0
    assert windows.excused_since(24) == 10
    assert windows.excused_since(27) == 27


def test_what_the_venues_limit_makes_impossible_does_not_count() -> None:
    stream = [Window(0, 1000, "stream", "a")]
    busy = [100 + number * 0.3 for number in range(200)]
    assert Windows([], busy).rate(110, of_prices=False) == 1.0
    assert Windows([], busy).rate(155, of_prices=False) == 0.0
    assert Windows(stream, busy).rate(142, of_prices=False) == 0.0
    assert Windows(stream, busy).rate(110, of_prices=False) == BRIDGED
    assert Windows([], busy).rate(300, of_prices=False) == 1.0


def test_a_daemon_that_is_started_has_until_shortly_after_its_first_request() -> None:
    log = Log().at(10).note(daemon="starts").at(25)
    log.asks("Account/search")
    windows = windows_of(log.at(60).entries)
    assert [windows.rate(1000 + at, of_prices=False) for at in (9, 12, 24, 30, 32)] == [1.0, 0.0, 0.0, 0.0, 1.0]
