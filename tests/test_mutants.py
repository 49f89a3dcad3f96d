"""What `python do.py mutants` changes, and what it leaves alone."""

import sys
import tomllib
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest

from tools.mutants.__main__ import main
from tools.mutants.in_place import replacement
from tools.mutants.mutations import mutations

ROOT = Path(__file__).parent.parent


def changed(code: str, **names: object) -> list[str]:
    module = ModuleType("module")
    vars(module).update(names)
    return [mutation.becomes for mutation in mutations(code, module)]


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ("x = a < b", ["pass", "x = a <= b"]),
        ("x = a is None", ["pass", "x = a is not None"]),
        ("x = a and b", ["pass", "x = a or b", "x = b", "x = a"]),
        ("x = a - b", ["pass", "x = a + b", "x = a"]),
        ("x = not a", ["pass", "x = a"]),
        ("x = 1", ["pass", "x = 2"]),
        ("x = True", ["pass", "x = False"]),
        ("x = min(a)", ["pass", "x = max(a)"]),
        ("x = f(a=b)", ["pass", "x = f()"]),
        ("x = a if b else c", ["pass", "x = a", "x = c"]),
        ("x = (a, b)", ["pass", "x = (b,)", "x = (a,)"]),
        ("x = [a for a in b if c]", ["pass", "x = [a for a in b]"]),
        ("if a:\n    pass", ["if True:", "if False:"]),
        ("def f(a=0):\n    return a", ["def f(a=1):", "return None"]),
        ("def f():\n    return a > b", ["return None", "return True", "return False", "return a >= b"]),
        ("match a:\n    case 1:\n        pass\n    case _:\n        pass", ["match a: case _:", "match a: case 1:"]),
        ("class A:\n    limit: Annotated[int, Field(ge=1)]", ["limit: int", "limit: Annotated[int, Field()]"]),
    ],
)
def test_each_kind_of_code_is_broken_in_its_own_ways(code: str, becomes: list[str]) -> None:
    assert [one for one in changed(code) if one in becomes] == becomes


def test_a_member_of_an_enum_becomes_each_other_one() -> None:
    sort = Enum("sort", ["ONE", "TWO", "THREE"])
    assert changed("f(Sort.ONE)", Sort=sort) == ["pass", "f(Sort.TWO)", "f(Sort.THREE)"]


@pytest.mark.parametrize(
    "code",
    [
        '"""A sentence."""',
        "import this",
        "class A:\n    title: str = 'Contracts'",
        "def f(a: int) -> 'str':\n    del a",
        "Kind = TypeVar('Kind', bound=int)",
        "class A:\n    kind: str = cast('str', A)",
        "class A:\n    kind: Annotated[str, Field(examples=['block'])]",
    ],
)
def test_words_for_people_and_types_for_mypy_are_left_alone(code: str) -> None:
    assert changed(code) == []


def test_what_is_raised_goes_or_stays_whole() -> None:
    assert changed("raise ValueError('a sentence')") == ["pass"]


def test_a_mutant_says_where_it_is_and_is_whole_code() -> None:
    code = "class A:\n    def f(self, x):\n        return x\n"
    (mutation,) = mutations(code, ModuleType("module"))
    assert (mutation.line, mutation.where) == (3, "A.f")
    assert (mutation.was, mutation.becomes) == ("return x", "return None")
    assert mutation.code == "class A:\n\n    def f(self, x):\n        return None"


LIVING = """
from functools import cache
class A:
    limit = 1
    def f(self, x=1):
        return [one + x for one in (1, 2)]
    @property
    def g(self):
        return self.limit > 1
    @cache
    def h(self):
        return 7 if self else 8
"""


@pytest.fixture
def living(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("living")
    exec(compile(LIVING, "living.py", "exec"), vars(module))  # noqa: S102 - the code above
    monkeypatch.setitem(sys.modules, "living", module)
    return module


def put_in_place(module: ModuleType, becomes: str) -> bool:
    (mutation,) = (one for one in mutations(LIVING, module) if one.becomes == becomes)
    if change := replacement(mutation, LIVING, module.__name__):
        change.put()
    return change is not None


def test_a_function_that_lives_already_is_broken_in_place(living: ModuleType) -> None:
    one = living.A()
    assert (one.f(), one.g) == ([2, 3], False)
    assert put_in_place(living, "return [one - x for one in (1, 2)]")
    assert put_in_place(living, "return self.limit >= 1")
    assert (one.f(), one.g) == ([0, 1], True)


@pytest.mark.parametrize("becomes", ["limit = 2", "def f(self, x=2):", "return 7"])
def test_what_is_more_than_the_body_of_a_function_is_loaded_anew(living: ModuleType, becomes: str) -> None:
    assert not put_in_place(living, becomes)


def test_every_explained_mutant_says_why() -> None:
    text = (ROOT / "tools" / "mutants" / "explained.toml").read_text(encoding="utf-8")
    for entry in tomllib.loads(text).get("mutant", []):
        assert entry.keys() == {"module", "where", "was", "becomes", "why"}
        assert (ROOT / "src" / "risk_manager" / entry["module"]).exists()
        assert len(entry["why"].split()) > 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["core/precedence.py", "core/precedenz.py"], "no module of the core is named core/precedenz.py;"),
        (["daemon/pipeline.py"], "no module of the core is named daemon/pipeline.py;"),
        (["core/precedence.py", "--jobs", "0"], "--jobs must be at least 1"),
    ],
)
def test_wrong_use_is_told_in_a_line(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert told in capsys.readouterr().err
