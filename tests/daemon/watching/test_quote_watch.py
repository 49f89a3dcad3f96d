from pathlib import Path

from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.stage import Stage, home_with, play


def test_quotes_of_what_is_held_are_watched_and_a_bar_gives_the_first_mark(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await stage.until(lambda: stage.venue.watched)
        assert stage.venue.watched[-1] == [ES]
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        await stage.until(lambda: state.open_pnl(ES) == 0)
        stage.says(0)
        await stage.until(lambda: stage.venue.watched[-1] == [])

    play(home_with(tmp_path), scene)
