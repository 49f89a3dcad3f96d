"""The bytes-to-verdict benchmark."""

from benchmarks.decoding import Line, all_rules, events_per_second, frames_of_a_day, opening_frames
from benchmarks.product import ALL_RULES
from risk_manager.config.document import parse_document


def test_all_rules_that_are_measured_judge() -> None:
    measured = parse_document(ALL_RULES, name="measured").body["rules"]
    assert {rule.name for rule in all_rules().rules} == measured.keys()


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
