"""Which logins are worth trying in the place of those that are held."""

from risk_manager.config.login_terms import Login
from risk_manager.config.terms import LOGIN, Change, Held, Terms
from risk_manager.core.policy import Policy
from risk_manager.daemon.commitment.candidates import Candidate, candidates

OLD, NEW, FRIEND = Login("trader", "0"), Login("trader", "1"), Login("friend", "2")


def terms(login: Login) -> Terms:
    return Terms(policy=Policy(), login=login)


def held(login: Login = OLD, *, is_proven: bool = True, cancelled: tuple[Change, ...] = ()) -> Held:
    return Held(terms(login), (), cancelled, is_proven)


def test_a_new_key_must_show_every_account_that_the_old_one_is_held_to_listed_or_not() -> None:
    found = candidates({7: held(), 8: held(), 9: held(FRIEND)}, {7: terms(NEW)}, ())
    assert found == [Candidate(OLD, NEW, frozenset({7, 8}))]
    assert found[0].is_new_key


def test_another_user_must_show_the_accounts_that_move_to_him() -> None:
    (found,) = candidates({7: held(), 8: held()}, {7: terms(FRIEND), 8: terms(OLD)}, ())
    assert (found.account_ids, found.is_new_key) == (frozenset({7}), False)


def test_there_is_nothing_to_try_without_a_key_a_proof_or_a_difference() -> None:
    assert candidates({7: held()}, {7: terms(Login("trader"))}, ()) == []
    assert candidates({7: held(is_proven=False)}, {7: terms(NEW)}, ()) == []
    assert candidates({7: held()}, {7: terms(OLD), 8: terms(NEW)}, ()) == []


def test_what_is_in_use_or_was_cancelled_is_not_tried() -> None:
    assert candidates({7: held()}, {7: terms(NEW)}, {NEW}) == []
    cancelled = held(cancelled=(Change(LOGIN, str(OLD), str(NEW)),))
    assert candidates({7: cancelled}, {7: terms(NEW)}, ()) == []
