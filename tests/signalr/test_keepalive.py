"""Signs of life, with the time given."""

from risk_manager.signalr.keepalive import Keepalive


def test_a_ping_is_due_fifteen_seconds_after_the_last_one() -> None:
    keepalive = Keepalive(now=100.0)
    assert keepalive.ping_due_at == 115.0

    keepalive.pinged(116.0)

    assert keepalive.ping_due_at == 131.0


def test_thirty_seconds_of_silence_are_death() -> None:
    keepalive = Keepalive(now=100.0)
    assert keepalive.dead_at == 130.0

    keepalive.heard(129.9)

    assert keepalive.dead_at == 159.9
    assert keepalive.heard_at == 129.9


def test_own_pings_are_no_sign_of_the_peers_life() -> None:
    keepalive = Keepalive(now=100.0)

    keepalive.pinged(115.0)

    assert keepalive.dead_at == 130.0


def test_the_earlier_of_both_is_due() -> None:
    keepalive = Keepalive(now=0.0, ping_interval=2.0, silence_limit=3.0)
    assert keepalive.due_at == 2.0

    keepalive.pinged(2.0)

    assert keepalive.due_at == 3.0
