"""The wish to be locked out, in words and as it travels."""

import pytest

from risk_manager.dashboard.lock_wish import ANOTHER, LENGTHS, UNTIL_RESET, LockWish, choices
from tests.dashboard import canned
from tests.dashboard.canned_day import NOW


def test_what_may_be_chosen_ends_with_the_reset_and_a_number_of_ones_own() -> None:
    words = choices(canned.account(), NOW)

    assert len(words) == len(LENGTHS) + 2
    assert words[UNTIL_RESET] == "until the next reset (17:00 CT)"
    assert words[ANOTHER] == "another number of minutes"


@pytest.mark.parametrize(
    ("wish", "asked"),
    [
        (LockWish(60), {"account_id": 123456, "seconds": 3600}),
        (LockWish(None), {"account_id": 123456, "until": "reset"}),
    ],
)
def test_the_daemon_is_asked_in_seconds_or_until_the_reset(wish: LockWish, asked: dict[str, object]) -> None:
    assert wish.request(canned.account()) == asked


def test_the_question_says_what_will_happen() -> None:
    question = LockWish(60).question(canned.account(), NOW)

    assert question.startswith("Lock Main (123456) for 1 hour, until about 11:31 CT?")
    assert "Your 1 position is closed and every working order" in question
    assert "Nothing on this screen ends it earlier." in question
    assert "for 7 minutes" in LockWish(7).question(canned.account(), NOW)
    assert "until the next reset, 17:00 CT" in LockWish(None).question(canned.account(), NOW)


def test_a_flat_account_loses_its_orders_only() -> None:
    assert "\n\nEvery working order" in LockWish(15).question(canned.account(positions=()), NOW)


def test_every_row_fits_a_small_screen() -> None:
    assert all(len(row) <= 68 for row in LockWish(None).question(canned.account(), NOW).splitlines())
