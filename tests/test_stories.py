"""Every story in tests/stories, each a test of its own: the rules as examples."""

from pathlib import Path

import pytest

from risk_manager.replay.command import check_story, stories_in

STORIES = Path(__file__).parent / "stories"


def named(story: Path) -> str:
    return story.relative_to(STORIES).with_suffix("").as_posix()


@pytest.mark.parametrize("story", stories_in(STORIES), ids=named)
def test_the_engine_decides_what_the_story_expects(story: Path) -> None:
    assert check_story(story) == []
