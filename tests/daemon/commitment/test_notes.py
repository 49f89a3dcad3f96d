"""What the journal is told of commitments."""

from dataclasses import replace
from datetime import UTC, datetime

from risk_manager.config.login_terms import Login
from risk_manager.config.policies import policy_from_body
from risk_manager.config.terms import Change, Held, Pending, Terms
from risk_manager.daemon.commitment.notes import note, notes

AT = datetime(2026, 3, 10, 15, tzinfo=UTC)
RAISE = Change("max_contracts.limit", "3", "5")


def held(limit: int = 3, *waiting: Change, cancelled: tuple[Change, ...] = ()) -> Held:
    policy = policy_from_body({"rules": {"max_contracts": {"limit": limit}}}, [], 7)
    return Held(Terms(policy=policy), tuple(Pending(one, AT, AT) for one in waiting), cancelled)


def states(before: Held | None, after: Held | None) -> list[str]:
    sides = [{} if one is None else {7: one} for one in (before, after)]
    return [body["state"] for account_id, body in notes(*sides) if account_id == 7]


def test_what_is_new_is_held_and_what_is_gone_is_left_alone() -> None:
    assert states(None, held()) == ["held"]
    assert states(held(), None) == ["left alone"]
    assert states(held(), held()) == []


def test_a_change_waits_comes_into_force_or_is_taken_back() -> None:
    assert list(notes({7: held()}, {7: held(3, RAISE)})) == [(7, note("waits", RAISE, AT))]
    assert list(notes({7: held(3, RAISE)}, {7: held(5)})) == [(7, note("in force", RAISE))]
    assert states(held(3, RAISE), held()) == ["taken back"]
    assert states(held(3, RAISE), held(3, cancelled=(RAISE,))) == []


def test_a_login_is_proven_and_told_without_its_key() -> None:
    login = Login("trader", "0123456789abcdef")
    before = replace(held(), terms=replace(held().terms, login=login))
    ((_, body),) = notes({7: before}, {7: replace(before, is_proven=True)})
    assert body == {"state": "proven", "what": "login", "new": "trader (key 012345)", "gateway": "TopstepX"}
