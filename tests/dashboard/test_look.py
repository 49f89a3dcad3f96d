"""One look."""

import pytest

from risk_manager.dashboard.look import Look
from tests.dashboard import canned
from tests.dashboard.canned_day import NOW


@pytest.mark.parametrize(("width", "is_wide"), [(78, False), (115, False), (118, True), (158, True)])
def test_two_columns_need_room(width: int, *, is_wide: bool) -> None:
    look = Look(known=canned.known(canned.calm()), account=canned.account(), now=NOW, width=width, height=20)

    assert look.is_wide is is_wide
    assert look.zone.key == "America/Chicago"
