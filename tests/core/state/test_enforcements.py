"""What is being enforced."""

from risk_manager.core.actions import LockMode
from risk_manager.core.state.enforcements import Aims, Enforcement, Enforcements
from risk_manager.core.state.lockouts import LockKey
from tests.builders import ES, MNQ

BREACH = ("rule", "CODE", "")
OTHER = ("other", "CODE", "")
LOCK: LockKey = ("rule", None, LockMode.FLAT, "CODE")


def positions(**sizes: int) -> Aims:
    return Aims({({"es": ES, "mnq": MNQ}[name], 1): size for name, size in sizes.items()})


def test_aims_cover_what_they_bring_at_least_as_far_down() -> None:
    aims = Aims({(MNQ, 1): 2}, {5: 1})
    assert aims.covers_position((MNQ, 1), 3)
    assert aims.covers_order(5, 1)
    assert not aims.covers_position((MNQ, 1), 1)
    assert not aims.covers_position((MNQ, 2), 3)
    assert not aims.covers_order(5, 0)
    assert not aims.covers_order(6, 1)


def test_of_two_aims_the_stricter_is_kept() -> None:
    aims = Aims({(MNQ, 1): 2}, {5: 1})
    aims.add(Aims({(MNQ, 1): 3, (ES, 1): 0}, {5: 0, 6: 1}))
    assert aims == Aims({(MNQ, 1): 2, (ES, 1): 0}, {5: 0, 6: 1})


def test_what_others_take_care_of_is_not_left() -> None:
    aims = Aims({(MNQ, 1): 2, (ES, 1): 0}, {5: 0, 6: 0})
    assert aims.less(Aims({(MNQ, 1): 0, (ES, 1): 1}, {5: 0})) == Aims({(ES, 1): 0}, {6: 0})
    assert not Aims()
    assert Aims({}, {5: 0})


def test_what_is_still_wanted_is_left_and_no_more_of_it() -> None:
    aims = Aims({(MNQ, 1): 0, (ES, 1): 2}, {5: 0, 6: 1, 7: 0})
    assert aims.as_far_as(Aims({(MNQ, 1): 1, (ES, 1): 0}, {5: 2, 6: 0})) == Aims(
        {(MNQ, 1): 1, (ES, 1): 2}, {5: 2, 6: 1}
    )


def test_what_is_under_way_adds_up_without_what_is_only_shown() -> None:
    known = Enforcements(
        {
            BREACH: Enforcement(positions(mnq=1)),
            OTHER: Enforcement(positions(mnq=0, es=0)),
            ("shadow", "CODE", ""): Enforcement(Aims({}, {9: 0}), lasting=True),
        }
    )
    assert known.under_way() == positions(mnq=0, es=0)


def test_a_contract_reported_done_is_taken_off_with_its_orders() -> None:
    known = Enforcements(
        {
            BREACH: Enforcement(Aims({(MNQ, 1): 0, (ES, 1): 0}, {5: 0, 6: 0})),
            OTHER: Enforcement(positions(mnq=0), lasting=True),
        }
    )
    known.finish(MNQ, [5])
    assert known.by_key[BREACH].aims == Aims({(ES, 1): 0}, {6: 0})
    assert known.by_key[OTHER].aims
    known.finish(None, [])
    assert not known.by_key[BREACH].aims


def test_a_failed_contract_ends_every_enforcement_that_named_it_or_one_of_its_orders() -> None:
    def known() -> Enforcements:
        return Enforcements(
            {
                BREACH: Enforcement(positions(mnq=0)),
                OTHER: Enforcement(Aims({}, {5: 0})),
                ("third", "CODE", ""): Enforcement(positions(es=0)),
                ("shadow", "CODE", ""): Enforcement(positions(mnq=0), lasting=True),
            }
        )

    one = known()
    one.fail(MNQ, [5])
    assert {key[0] for key in one.by_key} == {"third", "shadow"}
    both = Enforcements({BREACH: Enforcement(positions(mnq=0, es=0))})
    both.fail(MNQ, [])
    assert both.by_key[BREACH].aims == positions(es=0)
    everything = known()
    everything.fail(None, [])
    assert {key[0] for key in everything.by_key} == {"shadow"}


def test_clearing_a_lock_remembers_how_bad_its_breach_was() -> None:
    known = Enforcements({BREACH: Enforcement(locks={LOCK}, severity=7), OTHER: Enforcement(positions(mnq=0))})
    known.clear_locks({LOCK})
    assert known.cleared == {BREACH: 7}
    assert known.by_key.keys() == {OTHER}


def test_an_enforcement_ends_with_the_lock_that_its_rule_ends() -> None:
    known = Enforcements({BREACH: Enforcement(positions(mnq=0), locks={LOCK}), OTHER: Enforcement(positions(mnq=0))})
    known.end_with({LOCK})
    assert known.by_key.keys() == {OTHER}
    assert not known.cleared


def test_a_position_is_being_closed_when_one_of_them_is_to_end_it() -> None:
    known = Enforcements({BREACH: Enforcement(positions(mnq=1)), OTHER: Enforcement(positions(es=0))})
    assert known.is_closing(ES, 1)
    assert not known.is_closing(ES, 2)
    assert not known.is_closing(MNQ, 1)
    known.by_key[OTHER].lasting = True
    assert not known.is_closing(ES, 1)


def test_a_position_is_left_with_the_least_that_any_of_them_leaves_of_it() -> None:
    known = Enforcements({BREACH: Enforcement(positions(mnq=2)), OTHER: Enforcement(positions(mnq=1))})
    assert known.will_leave(MNQ, 1, of=3) == 1
    assert known.will_leave(MNQ, 1, of=0) == 0
    assert known.will_leave(MNQ, 2, of=3) == 3
    known.by_key[OTHER].lasting = True
    assert known.will_leave(MNQ, 1, of=3) == 2


def test_the_end_of_one_lock_ends_no_enforcement_under_another() -> None:
    mine, others = ("a_rule", None, LockMode.FLAT, "CODE"), ("other", None, LockMode.FLAT, "CODE")
    known = Enforcements({BREACH: Enforcement(locks={mine}), OTHER: Enforcement(locks={others})})
    known.clear_locks({mine})
    assert list(known.by_key) == [OTHER]
    known.end_with({others})
    assert not known.by_key
