from risk_manager.simulator.rate_limit import Limits, RequestLimit, Window


def test_a_sliding_window_frees_one_place_at_a_time() -> None:
    limit = RequestLimit(2, 10)
    assert [limit.admit(at) for at in (0, 1, 2, 10, 10.5, 11)] == [True, True, False, True, False, True]


def test_a_fixed_window_frees_all_places_at_once() -> None:
    limit = RequestLimit(2, 10, Window.FIXED)
    assert [limit.admit(at) for at in (8, 9, 9.5, 10, 10, 10)] == [True, True, False, True, True, False]


def test_bars_have_a_limit_of_their_own() -> None:
    limits = Limits()
    bars = [limits.admit("a", "/api/History/retrieveBars", 0, window=Window.SLIDING) for _ in range(51)]
    assert bars == [True] * 50 + [False]
    assert limits.admit("a", "/api/Account/search", 0, window=Window.SLIDING)


def test_callers_do_not_share_a_limit() -> None:
    limits = Limits()
    for _ in range(200):
        limits.admit("a", "/x", 0, window=Window.SLIDING)
    assert not limits.admit("a", "/x", 0, window=Window.SLIDING)
    assert limits.admit("b", "/x", 0, window=Window.SLIDING)
    limits.forget()
    assert limits.admit("a", "/x", 0, window=Window.SLIDING)
