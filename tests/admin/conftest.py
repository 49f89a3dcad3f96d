from pathlib import Path

import pytest

from tests.admin.desk import ENVIRON, Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("KEY", ENVIRON["KEY"])
    return Desk(tmp_path)
