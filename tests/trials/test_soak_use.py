"""What `python do.py soak` says to a length in which nothing could be found."""

import pytest

from trials.soak.__main__ import main


@pytest.mark.parametrize("minutes", ["0", "0.4", "-1", "nan", "inf", "ten"])
def test_a_soak_in_which_nothing_happens_is_refused_and_finds_nothing_well(
    minutes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([f"--minutes={minutes}"])
    assert f"{minutes} is no length of a soak: at least 0.5 minutes" in capsys.readouterr().err
