"""Every tab, as it looks on the days that matter."""

import difflib

import pytest

from risk_manager.dashboard.view_state import TABS
from tests.dashboard.gallery import SCENES, SHOWN, SIZES, SNAPSHOTS, pictures

HOW_TO = "if this is meant: python do.py screenshots"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", SCENES)
async def test_every_tab_looks_as_it_did(scene: str, size: str) -> None:
    different = []
    async for name, svg in pictures(scene, size):
        stored = (SNAPSHOTS / f"{name}.svg").read_text(encoding="utf-8")
        if stored != svg:
            lines = difflib.unified_diff(stored.splitlines(), svg.splitlines(), lineterm="", n=0)
            different.append("\n".join((name, *list(lines)[:12])))
    assert not different, "\n\n".join((*different, HOW_TO))


def test_there_is_no_picture_of_what_does_not_exist() -> None:
    names = {f"{tab.name}-{scene}-{size}.svg" for tab in TABS for scene in SCENES for size in SIZES}
    assert {path.name for path in SNAPSHOTS.iterdir()} == names


def test_what_the_documents_show_is_among_them() -> None:
    names = {f"{tab.name}-{scene}-{size}" for tab in TABS for scene in SCENES for size in SIZES}
    assert {f"{tab}-{scene}-{size}" for scene, size, tab in SHOWN.values()} <= names
