import re
from dataclasses import fields
from pathlib import Path

import pytest

from risk_manager.simulator import switches as module
from risk_manager.simulator.deeds import DEEDS
from risk_manager.simulator.exchange.sessions import Gate
from risk_manager.simulator.switches import Envelope, Switches


def test_values_are_changed_by_name() -> None:
    changed = Switches().changed({"envelope": "bare", "session": "clock", "liquidity": 3})
    assert (changed.envelope, changed.session, changed.liquidity) == (Envelope.BARE, Gate.BY_CLOCK, 3)
    assert changed.changed({"liquidity": None}) == Switches(envelope=Envelope.BARE, session=Gate.BY_CLOCK)


@pytest.mark.parametrize("values", [{"nope": 1}, {"liquidity": "x"}, {"envelope": "boxed"}])
def test_what_is_no_switch_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"nope|liquidity|envelope"):
        Switches().changed(values)


def test_every_switch_is_used_and_says_what_it_does() -> None:
    root = Path(module.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    definition = Path(module.__file__).read_text(encoding="utf-8")
    for switch in fields(Switches):
        assert re.search(rf"\.{switch.name}\b", source), f"{switch.name} changes nothing"
        assert re.search(rf"#: .+\n    {switch.name}:", definition), f"{switch.name} says nothing"


def test_every_switch_and_every_deed_has_a_line_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    told = {line.split("`")[1] for line in lines}
    assert {switch.name for switch in fields(Switches)} | set(DEEDS) <= told
