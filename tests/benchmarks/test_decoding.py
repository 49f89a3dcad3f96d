"""The bytes-to-verdict benchmark."""

from benchmarks.decoding import Line, all_rules, events_per_second, frames_of_a_day, opening_frames
from risk_manager.core.rules import RULES


def test_all_rules_judge() -> None:
    assert len(all_rules().rules) == len(RULES)


def test_every_frame_becomes_an_event_and_no_rule_objects() -> None:
    line = Line(all_rules())
    before = line.events
    frames = [*opening_frames(), *frames_of_a_day(200)]
    for frame in frames:
        line.receive(frame)

    assert line.events - before == len(frames)
    assert (line.plans, line.misread) == (0, 0)


def test_a_speed_is_measured() -> None:
    assert events_per_second(100, rounds=1) > 0
