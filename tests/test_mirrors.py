"""Which test files are a module's own, as `do.py coverage` and `do.py mutants` take them."""

import pytest

from tools.mirrors import CORE, TESTS, mirrors


@pytest.mark.parametrize(
    ("module", "own"),
    [
        ("rules/max_contracts.py", ["rules/test_max_contracts.py"]),
        ("rules/max_contracts_per_instrument.py", ["rules/test_max_contracts_per_instrument.py"]),
        ("state/marks.py", ["state/test_marks.py", "state/test_marks_exits.py"]),
        ("rules/__init__.py", ["rules/test_all_rules.py"]),
    ],
)
def test_a_module_has_the_files_that_are_named_after_it_and_after_no_longer_named_one(
    module: str, own: list[str]
) -> None:
    assert [path.relative_to(TESTS).as_posix() for path in mirrors(CORE / module)] == own
