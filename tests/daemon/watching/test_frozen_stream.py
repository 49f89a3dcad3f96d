from risk_manager.daemon.watching.frozen_stream import STREAM_LAG, FrozenStream


def test_a_stream_that_keeps_silent_of_what_rest_revealed_is_frozen() -> None:
    stream = FrozenStream()
    stream.streamed(7, 10)
    stream.revealed(7, 100)
    assert not stream.is_frozen(7, 100 + STREAM_LAG - 0.1)
    assert stream.is_frozen(7, 100 + STREAM_LAG)


def test_one_that_told_it_within_its_lag_is_not() -> None:
    for told_at in (96.0, 104.0):
        stream = FrozenStream()
        stream.revealed(7, 100)
        stream.streamed(7, told_at)
        assert not stream.is_frozen(7, 110)


def test_what_it_tells_of_another_account_proves_nothing() -> None:
    stream = FrozenStream()
    stream.revealed(7, 100)
    stream.streamed(8, 101)
    assert stream.is_frozen(7, 110)


def test_a_new_connection_is_above_suspicion() -> None:
    stream = FrozenStream()
    stream.revealed(7, 100)
    stream.forget()
    assert not stream.is_frozen(7, 200)


def test_nothing_revealed_is_nothing_frozen() -> None:
    assert not FrozenStream().is_frozen(7, 1000)
