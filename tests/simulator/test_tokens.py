from datetime import UTC, datetime, timedelta

from risk_manager.simulator.tokens import Sessions

NOW = datetime(2026, 9, 1, 15, 0, tzinfo=UTC)


def test_a_token_looks_like_a_jwt_and_is_never_given_twice() -> None:
    sessions = Sessions({"Trader": "key"}, seed=1)
    tokens = [sessions.open("Trader", now=NOW, lifetime=60).token for _ in range(3)]
    assert len(set(tokens)) == 3
    assert all(token.count(".") == 2 for token in tokens)


def test_a_token_lives_for_its_lifetime_and_not_a_second_longer() -> None:
    session = Sessions({"Trader": "key"}, seed=1).open("Trader", now=NOW, lifetime=60)
    assert session.is_valid(NOW + timedelta(seconds=59))
    assert not session.is_valid(NOW + timedelta(seconds=60))


def test_revoking_ends_the_sessions_of_one_user_or_of_all() -> None:
    sessions = Sessions({"a": "k", "b": "k"}, seed=1)
    first, second = sessions.open("a", now=NOW, lifetime=60), sessions.open("b", now=NOW, lifetime=60)
    sessions.revoke_all("a")
    assert (first.is_valid(NOW), second.is_valid(NOW)) == (False, True)
    sessions.revoke_all()
    assert not second.is_valid(NOW)


def test_names_are_found_in_any_case_and_unknown_tokens_not_at_all() -> None:
    sessions = Sessions({"Trader": "key"}, seed=1)
    assert sessions.user("TRADER") == ("Trader", "key")
    assert sessions.find("made up") is None
    assert sessions.find(None) is None
    assert sessions.users == ["Trader"]
