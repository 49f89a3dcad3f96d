"""What `python do.py models` says to what it cannot do, and to what it can."""

import pytest

from tests.models.run import main


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["max_contract"], "no rule is named max_contract; there are max_contracts, "),
        (["--streams", "0", "max_contracts"], "--streams must be at least 1"),
    ],
)
def test_wrong_use_is_told_in_a_line(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert told in capsys.readouterr().err


def test_a_rule_that_agrees_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--streams", "1", "max_contracts"]) == 0
    assert "max_contracts: 1 streams agree, seed 0" in capsys.readouterr().out
