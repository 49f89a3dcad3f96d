"""What `python do.py kills` says to a point that is none."""

import pytest

from trials.kills.__main__ import main


@pytest.mark.parametrize("point", ["nope", "request", "request:x", "sleep:1"])
def test_a_point_that_is_none_is_told_with_what_there_is(point: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--at", point])
    assert f"{point} is no point: name one as request:7 is, of row, " in capsys.readouterr().err
