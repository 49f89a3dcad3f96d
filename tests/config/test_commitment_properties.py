"""Whatever is wished, and however often: within a day nothing gets looser, and what is wished for long enough holds."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from risk_manager.config.commitment import Commitment
from risk_manager.config.policies import terms_from_body
from risk_manager.config.settling import settle
from risk_manager.config.terms import Change, Terms
from risk_manager.config.writing import read_held, write_held

MORNING = datetime(2026, 3, 10, 0, tzinfo=UTC)
LENGTH = timedelta(hours=21)  # all before 17:00 in Chicago, which is 22:00
RULES = {
    "max_contracts": st.fixed_dictionaries(
        {"limit": st.integers(1, 4), "count_type": st.sampled_from(["net", "gross"])},
        optional={"enabled": st.booleans(), "mode": st.sampled_from(["enforce", "shadow"])},
    ),
    "max_contracts_per_instrument": st.fixed_dictionaries(
        {
            "limits": st.dictionaries(st.sampled_from(["ES", "NQ", "CL"]), st.integers(0, 3)),
            "unknown_symbol_action": st.sampled_from(["block", "allow_with_limit:1", "allow_unlimited"]),
        }
    ),
    "symbol_blocks": st.fixed_dictionaries(
        {"blocked_symbols": st.lists(st.sampled_from(["ES", "NQ", "CL"]), unique=True)}
    ),
    "cooldown_after_loss": st.fixed_dictionaries(
        {
            "loss_thresholds": st.lists(st.integers(1, 4), min_size=1, unique=True).map(
                lambda losses: [{"loss_amount": one * 100, "cooldown": f"{one}m"} for one in sorted(losses)]
            )
        }
    ),
    "max_unrealized_profit": st.sampled_from(
        [{"profit_target": 300}, {"profit_target": 500}, {"mode_of_exit": "breakeven", "arm_profit": 200}]
    ),
}
BODIES = st.fixed_dictionaries(
    {"rules": st.fixed_dictionaries({}, optional=RULES)},
    optional={"mode": st.sampled_from(["enforce", "shadow"]), "strict_mode": st.booleans()},
)
TERMS = BODIES.map(lambda body: terms_from_body(body, [], 1))
WISHES = st.lists(st.one_of(TERMS, st.none()), min_size=1, max_size=6)


def loosening(old: Terms, new: Terms) -> list[Change]:
    found: list[Change] = []

    def note(change: Change) -> bool:
        found.append(change)
        return False

    settle(old, new, note)
    return found


def restarted(commitment: Commitment) -> Commitment:
    """What is left of it after a restart."""
    return Commitment(
        {one: read_held(json.loads(json.dumps(write_held(held))), one) for one, held in commitment.held.items()}
    )


@given(first=TERMS, wishes=WISHES, knows_time=st.booleans())
def test_within_a_day_no_wish_makes_anything_looser(first: Terms, wishes: list[Terms | None], knows_time: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    commitment = Commitment()
    commitment.wish({1: first}, MORNING)
    before = first
    for number, wish in enumerate(wishes):
        now = MORNING + LENGTH * number / len(wishes)
        commitment = restarted(commitment)
        held = commitment.wish({} if wish is None else {1: wish}, now if knows_time else None)[1]
        assert loosening(before, held.terms) == []
        before = held.terms


@given(first=TERMS, wishes=WISHES, last=TERMS)
def test_what_is_wished_for_a_day_holds(first: Terms, wishes: list[Terms | None], last: Terms) -> None:
    commitment = Commitment()
    commitment.wish({1: first}, MORNING)
    for number, wish in enumerate(wishes):
        commitment.wish({} if wish is None else {1: wish}, MORNING + timedelta(hours=9 * number))
    now = MORNING + timedelta(hours=9 * len(wishes))
    commitment.wish({1: last}, now)
    commitment = restarted(commitment)
    held = commitment.wish({1: last}, now + timedelta(days=1))[1]
    assert held.terms == last
    assert held.pending == ()


@given(first=TERMS, wish=TERMS)
def test_what_is_stricter_in_a_wish_holds_at_once_and_the_rest_waits(first: Terms, wish: Terms) -> None:
    commitment = Commitment()
    commitment.wish({1: first}, MORNING)
    held = commitment.wish({1: wish}, MORNING)[1]
    assert {one.change for one in held.pending} == set(loosening(held.terms, wish))
    assert commitment.wish({1: wish}, MORNING + timedelta(hours=1))[1] == held


def test_a_granted_change_lets_no_tighter_limit_of_its_own_be_forgotten_and_nothing_waits_twice() -> None:
    def per_product(limits: dict[str, int], others: str) -> Terms:
        rule = {"max_contracts_per_instrument": {"limits": limits, "unknown_symbol_action": others}}
        return terms_from_body({"rules": rule}, [], 1)

    day, wanted = timedelta(days=1), per_product({"ES": 0, "NQ": 2}, "allow_with_limit:1")
    commitment = Commitment()
    commitment.wish({1: per_product({}, "block")}, MORNING)
    commitment.wish({1: per_product({}, "allow_with_limit:1")}, MORNING)
    held = commitment.wish({1: wanted}, MORNING + day)[1]
    assert held.terms == per_product({"ES": 0}, "allow_with_limit:1")
    assert commitment.wish({1: wanted}, MORNING + 2 * day)[1].terms == wanted
