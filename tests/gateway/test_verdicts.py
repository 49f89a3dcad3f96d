"""What the venue's error numbers mean, endpoint by endpoint."""

import msgspec
import pytest

from risk_manager.gateway.http_reply import Reply
from risk_manager.gateway.port import Verdict
from risk_manager.gateway.verdicts import CANCEL, CLOSE, MODIFY, PLACE, REDUCE, Change, answer_of

A, D, U, R = Verdict.ACCEPTED, Verdict.DONE_ALREADY, Verdict.UNCLEAR, Verdict.REFUSED


def http(status: int, body: bytes = b"") -> Reply:
    return Reply(status=status, headers={}, body=body, keep_alive=True)


def envelope(**fields: object) -> Reply:
    return http(200, msgspec.json.encode(fields))


@pytest.mark.parametrize(
    ("change", "verdicts"),
    [
        (PLACE, [A, R, R, R, R, R, U, U, R, R, R, U]),
        (CANCEL, [A, R, D, U, U, U, R, U]),
        (MODIFY, [A, R, R, R, U, U, R, R, U]),
        (CLOSE, [A, R, D, R, R, R, U, U, R, U]),
        (REDUCE, [A, R, D, R, R, R, R, U, U, R, U]),
    ],
)
def test_the_same_number_means_something_else_at_each_endpoint(change: Change, verdicts: list[Verdict]) -> None:
    told = [
        answer_of(change, envelope(success=code == 0, errorCode=code, errorMessage=None)).verdict
        for code in range(len(verdicts))
    ]
    assert told == verdicts


def test_an_order_id_in_a_refusal_does_not_make_it_an_order() -> None:
    answer = answer_of(PLACE, envelope(success=False, errorCode=2, errorMessage="Custom tag in use", orderId=7))
    assert answer.verdict is Verdict.REFUSED
    assert (answer.code, answer.order_id, answer.text) == (2, 7, "OrderRejected: Custom tag in use")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"NaN"', b'{"success":null}', b"{}", b'{"success":"?"}'])
def test_a_reply_that_says_nothing_is_unclear(body: bytes) -> None:
    assert answer_of(CLOSE, http(200, body)).verdict is Verdict.UNCLEAR


def test_success_with_an_error_code_and_failure_without_one_are_unclear() -> None:
    assert answer_of(CLOSE, envelope(success=True, errorCode=2)).verdict is Verdict.UNCLEAR
    assert answer_of(CLOSE, envelope(success=False, errorCode=0)).verdict is Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(400, R), (403, R), (404, R), (302, R), (401, U), (408, U), (429, U), (500, U), (503, U), (599, U)],
)
def test_only_a_4xx_that_is_not_about_the_moment_is_a_definite_no(status: int, verdict: Verdict) -> None:
    answer = answer_of(CLOSE, http(status))
    assert (answer.verdict, answer.code) == (verdict, status)
