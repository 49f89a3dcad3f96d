import pytest

from risk_manager.config.document import parse_document
from risk_manager.config.holidays import holidays_of


def complaints(text: str) -> list[str]:
    return [str(problem) for problem in holidays_of(parse_document(text, name="h"))[1]]


def test_an_empty_file_knows_no_holidays() -> None:
    assert complaints("# none\n") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dates: []\n", "h:1: must be a list"),
        ("- 2026-12-25\n", "h:1: [0]: 2026-12-25: must be a section"),
        ("- {close: '13:00'}\n", "h:1: [0]: date is required"),
        ("- {date: 25.12.2026}\n", "h:1: [0].date: 25.12.2026: write a date"),
        ("- {date: 2026-12-25, close: 13}\n", "h:1: [0].close: 13: write a time of day"),
        ("- {date: 2026-12-25}\n- {date: 2026-12-25, close: '13:00'}\n", "h:2: [1].date: 2026-12-25: this date is"),
    ],
)
def test_what_is_not_allowed_is_one_problem(text: str, said: str) -> None:
    (problem,) = complaints(text)
    assert problem.startswith(said)
