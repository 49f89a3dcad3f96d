from dataclasses import replace

from trials.kills.matrix import differences
from trials.kills.mortal import Fate, Moment, Point
from trials.kills.story import Ending, _flips

GOOD = Ending(
    fills=(("MNQ", "buy", 2), ("MNQ", "sell", 2)),
    held=(),
    working=0,
    balance="1",
    told={"locks": [{"rule": "daily_realized_loss"}]},
    faults=(),
)


def test_whatever_is_otherwise_than_without_a_death_is_named() -> None:
    assert differences(GOOD, GOOD) == ()
    for other in (
        replace(GOOD, fills=(*GOOD.fills, ("MNQ", "sell", 2))),
        replace(GOOD, held=(("MNQ", -2),)),
        replace(GOOD, working=1),
        replace(GOOD, told={"locks": []}),
        replace(GOOD, faults=("a close left without a plan on record",)),
    ):
        assert len(differences(GOOD, other)) == 1


def test_a_position_that_was_turned_round_for_a_moment_is_found() -> None:
    def trade(number: int, side: int) -> dict[str, object]:
        return {"id": number, "contractId": "CON.F.US.MNQ.Z26", "side": side, "size": 2}

    assert _flips({"trades": [trade(1, 0), trade(2, 1)]}) == []
    assert len(_flips({"trades": [trade(1, 0), trade(2, 1), trade(3, 1), trade(4, 0)]})) == 1


def test_a_point_is_met_once_and_others_pass_by() -> None:
    fate = Fate(Point.of("request:2"))
    assert [fate.is_sealed(Moment.REPLY), fate.is_sealed(Moment.REQUEST)] == [False, False]
    assert [fate.is_sealed(Moment.REQUEST), fate.is_sealed(Moment.REQUEST)] == [True, False]
    assert not Fate(None).is_sealed(Moment.ROW)
