from pathlib import Path

from tests.daemon.stage import Stage, home_with, play


def test_the_numbers_come_from_the_parts_that_have_them(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(5)
        await stage.until(lambda: stage.is_quiet() and stage.daemon.figures.outcomes["proven"])
        told = stage.daemon.vitals.told()
        assert told["handled"] == stage.daemon.pipeline.handled
        assert told["failed"] == 0
        assert told["breaches"] == {"max_contracts": 1}
        assert told["requests_last_minute"] == {"trader": stage.venue.requests_used()}

    play(home_with(tmp_path), scene)
