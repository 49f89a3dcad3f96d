from dataclasses import replace
from datetime import timedelta

from risk_manager.alerts.alert import DIGEST, MOST_NAMED, digest, folded
from tests.alerts.post_office import START, alarm


def test_the_same_alarm_twice_keeps_the_later_words_and_the_first_instant() -> None:
    later = replace(alarm(), at=START + timedelta(seconds=9), text="later")
    both = folded(alarm(), later)
    assert (both.count, both.text, both.since, both.at) == (2, "later", START, later.at)
    assert folded(both, later).count == 3


def test_different_alarms_are_named_and_counted() -> None:
    both = digest(alarm("a"), alarm("b"))
    assert both.title == "2 alarms that could not be told one by one"
    assert both.text == "a\nb"
    assert (both.topic, both.account_id) == (DIGEST, 1)
    assert digest(both, alarm("c", account_id=2)).account_id == 0


def test_a_digest_of_many_stays_short_and_counts_all() -> None:
    whole = alarm("0")
    for number in range(1, 50):
        whole = digest(whole, alarm(str(number)))
    assert whole.count == 50
    assert len(whole.text.splitlines()) == MOST_NAMED + 1


def test_a_digest_of_the_same_is_no_digest() -> None:
    assert digest(alarm(), alarm()).title == "t"
