from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from risk_manager.alerts.outbox import Outbox
from risk_manager.alerts.storm import CROWD, FIRST_WINDOW, MOST_AT_ONCE
from risk_manager.config.alerts import AlertKind
from tests.alerts.post_office import START, DictShelf, Watch, alarm, webhook_at

HOOK = webhook_at("https://example.com/s3same")
QUIET = replace(HOOK, name="quiet", on=frozenset({AlertKind.FAILED}))


def outbox(shelf: DictShelf, watch: Watch, most: int = 100) -> Outbox:
    return Outbox([HOOK, QUIET], shelf=shelf, now=watch.now, most=most)


def told(box: Outbox, channel: str = "webhook") -> list[str]:
    found = []
    while (entry := box.take(channel)) is not None:
        found.append(f"{entry.alert.title} ×{entry.alert.count}")
        box.told(entry)
    return found


def test_alarms_are_told_in_order_to_those_who_want_them() -> None:
    box = outbox(DictShelf(), Watch())
    for topic in "abc":
        box.add(alarm(topic))
    box.add(alarm("d", kind=AlertKind.FAILED))
    assert told(box) == ["a ×1", "b ×1", "c ×1", "d ×1"]
    assert told(box, "quiet") == ["d ×1"]


def test_what_could_not_be_told_is_told_after_a_restart_in_the_same_order() -> None:
    shelf, watch = DictShelf(), Watch()
    box = outbox(shelf, watch)
    for topic in "abc":
        box.add(alarm(topic))
    entry = box.take("webhook")
    assert entry is not None
    box.told(entry)
    assert box.take("webhook") is not None
    assert told(outbox(shelf, watch)) == ["b ×1", "c ×1"]
    assert [key for key in shelf.rows if key.startswith("entry")] == []


def test_a_storm_of_a_thousand_is_two_messages_with_counts() -> None:
    watch = Watch()
    box = outbox(DictShelf(), watch)
    for _ in range(1000):
        box.add(alarm())
        watch.forward(0.05)
    assert told(box) == ["t ×1"]
    watch.at = START + FIRST_WINDOW
    assert told(box) == ["t ×999"]


def test_a_daemon_that_starts_over_and_over_is_a_storm_too() -> None:
    shelf, watch = DictShelf(), Watch()
    heard = []
    for _ in range(100):
        box = outbox(shelf, watch)
        box.add(alarm("up", kind=AlertKind.DAEMON))
        heard += told(box)
        watch.forward(5)
    assert len(heard) <= 4
    watch.forward(1000)
    heard += told(outbox(shelf, watch))
    assert sum(int(one.rpartition("×")[2]) for one in heard) == 100


def test_a_lock_that_comes_and_goes_is_told_in_the_end_as_it_is() -> None:
    watch = Watch()
    box = outbox(DictShelf(), watch)
    for _ in range(5):
        box.add(alarm("lock", kind=AlertKind.LOCK))
        watch.forward(1)
        box.add(alarm("unlock", kind=AlertKind.UNLOCK))
        watch.forward(1)
    watch.forward(60)
    assert told(box) == ["lock ×1", "unlock ×1", "lock ×4", "unlock ×4"]


def test_a_crowd_of_different_alarms_is_told_together() -> None:
    watch = Watch()
    box = outbox(DictShelf(), watch)
    for number in range(MOST_AT_ONCE + 30):
        box.add(alarm(str(number)))
    assert len(told(box)) == MOST_AT_ONCE
    watch.at = START + CROWD
    assert told(box) == ["30 alarms that could not be told one by one ×30"]


def test_over_the_bound_the_oldest_are_told_together() -> None:
    watch = Watch()
    box = outbox(DictShelf(), watch, most=10)
    for number in range(50):
        box.add(alarm(str(number)))
        watch.forward(10)
    assert told(box)[0] == "41 alarms that could not be told one by one ×41"


def test_what_is_being_sent_is_left_alone() -> None:
    watch = Watch()
    box = outbox(DictShelf(), watch, most=2)
    box.add(alarm("a"))
    sending = box.take("webhook")
    for topic in "bcd":
        box.add(alarm(topic))
    assert box.waiting("webhook")[0] == sending


def test_a_channel_that_is_gone_and_a_damaged_row_stop_nothing() -> None:
    shelf, watch = DictShelf(), Watch()
    outbox(shelf, watch).add(alarm())
    shelf.rows["entry 7"] = "{"
    shelf.rows["window x"] = "[]"
    box = Outbox([QUIET], shelf=shelf, now=watch.now)
    assert box.given_up == 3
    assert [key for key in shelf.rows if key.startswith("entry")] == []


def test_a_refused_alarm_keeps_its_place_without_its_words() -> None:
    box = outbox(DictShelf(), Watch())
    box.add(alarm("a"))
    entry = box.take("webhook")
    assert entry is not None
    box.strip(entry)
    (bare,) = box.waiting("webhook")
    assert bare.bare
    assert "text of a" not in bare.alert.text


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abcde")),
        st.tuples(st.just("wait"), st.integers(0, 300)),
        st.tuples(st.just("send"), st.booleans()),
        st.tuples(st.just("restart"), st.none()),
    ),
    max_size=80,
)


@given(STEPS, st.integers(2, 8))
def test_no_alarm_is_ever_lost_and_none_is_told_twice(steps: list[tuple[str, object]], most: int) -> None:
    shelf, watch = DictShelf(), Watch()
    box = outbox(shelf, watch, most)
    added = heard = 0
    for step, value in steps:
        if step == "add":
            box.add(alarm(str(value)))
            added += 1
        elif step == "wait":
            watch.forward(int(str(value)))
        elif step == "restart":
            box = outbox(shelf, watch, most)
        elif (entry := box.take("webhook")) is not None:
            if value:
                box.told(entry)
                heard += entry.alert.count
            else:
                box.untold(entry)
        waiting = box.waiting("webhook")
        assert heard + sum(entry.alert.count for entry in waiting) == added
        assert len(waiting) <= most + 1
        assert list(waiting) == sorted(waiting, key=lambda entry: entry.place)
    watch.at += timedelta(days=1)
    while (entry := box.take("webhook")) is not None:
        box.told(entry)
        heard += entry.alert.count
    assert heard == added
