"""The documents name everything that there is, and nothing that there is not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from risk_manager.cli import COMMANDS, parser
from risk_manager.config.accounts import AccountsFile
from risk_manager.config.alerts import AlertEntry
from risk_manager.config.document import parse_document
from risk_manager.config.holidays import Holiday
from risk_manager.config.policies import policy_from_body
from risk_manager.config.settings import Settings
from risk_manager.core.rule import Rule
from risk_manager.core.rules import RULES
from tools.measure_reliability import COLUMNS, ROWS, sentence

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
YAML_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TABLE_ROW = re.compile(r"^\| (`[^|]*`)[^|]*\|", re.MULTILINE)
FIRST_CELL = re.compile(r"^\| ([^|]*`[^|]*)\|", re.MULTILINE)
MEASURED = re.compile(r"^\| ([^|]+) \|((?:[^|\n]*\|){3}[^|\n]*)\|$", re.MULTILINE)
"""A row of the fault matrix, and its four cells."""
CODE = re.compile(r'"([A-Z]+(?:_[A-Z]+)+)"')
LOCK_CODES = ("LOCKOUT", "LOCKED_BY_HAND", "STRICT_MODE", "FEED_LOST", "RULE_REMOVED", "QUOTE_STALE")
"""Reason codes that are no rule's."""


def page_of(rule: type[Rule]) -> str:
    return (DOCS / "rules" / f"{rule.name}.md").read_text(encoding="utf-8")


def settings_of(model: type[BaseModel]) -> Iterator[str]:
    """Name a model's settings, those of its sections too."""
    for name, field in model.model_fields.items():
        yield name
        for inner in _models_in(field.annotation):
            yield from settings_of(inner)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models_in(part)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_every_setting_of_a_rule_has_a_line_on_its_page(rule: type[Rule]) -> None:
    page = page_of(rule)
    missing = [name for name in settings_of(rule) if f"`{name}`" not in page and f"{name}:" not in page]
    assert missing == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_every_reason_code_of_a_rule_has_a_line_on_its_page(rule: type[Rule]) -> None:
    assert [code for code in rule.codes if f"`{code}`" not in page_of(rule)] == []


def test_there_is_no_page_for_a_rule_that_does_not_exist() -> None:
    assert {path.stem for path in (DOCS / "rules").glob("*.md")} == {rule.name for rule in RULES}


def test_every_general_setting_has_a_line_in_the_configuration() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert [name for name in settings_of(Settings) if not re.search(rf"`(\w+\.)?{name}[`.]", text)] == []


@pytest.mark.parametrize("model", [AccountsFile, AlertEntry, Holiday])
def test_every_key_of_the_other_files_has_a_line_in_the_configuration(model: type[BaseModel]) -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert [
        name for name in settings_of(model) if not re.search(rf"`([\w\[\]]+\.)*{name}[`.]|^{name}:", text, re.MULTILINE)
    ] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_the_page_of_a_rule_names_no_setting_that_it_does_not_have(rule: type[Rule]) -> None:
    page = page_of(rule).split("## Settings")[1].split("## What happens")[0]
    assert [name for name in _settings_named_in(page) if name not in set(settings_of(rule))] == []


def test_the_configuration_names_no_setting_that_does_not_exist() -> None:
    known = {name for model in (Settings, AccountsFile, AlertEntry, Holiday, Rule) for name in settings_of(model)}
    known |= {"lockout"}  # of most rules, though not of the class that all of them extend
    text = (DOCS / "configuration.md").read_text(encoding="utf-8").split("## accounts.yaml")[1]
    assert [name for name in _settings_named_in(text) if name not in known] == []


def _settings_named_in(page: str) -> Iterator[str]:
    """Name what stands first in the rows of the tables of a page, section by section of its path."""
    for row in TABLE_ROW.findall(page):
        for path in re.findall(r"`([^`]+)`", row):
            yield from (part.removesuffix("[]") for part in path.split(".") if part)


def test_every_reason_code_that_is_no_rules_has_a_line_with_the_lockouts() -> None:
    core = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/risk_manager/core").rglob("*.py"))
    of_rules = {code for rule in RULES for code in rule.codes}
    assert set(CODE.findall(core)) - of_rules == set(LOCK_CODES) - {"LOCKOUT"}
    text = (DOCS / "lockouts.md").read_text(encoding="utf-8")
    assert [code for code in LOCK_CODES if f"`{code}`" not in text] == []


def test_every_alarm_has_a_line_in_the_troubleshooting() -> None:
    daemon = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/risk_manager/daemon").rglob("*.py"))
    codes = set(CODE.findall(daemon)) | {"LOGIN_REFUSED", "LOGIN_UNAVAILABLE"}
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    assert len(codes) > len("several")
    assert [code for code in sorted(codes) if f"`{code}`" not in text] == []


def test_the_troubleshooting_quotes_what_the_program_says() -> None:
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/risk_manager").rglob("*.py"))
    source = re.sub(r'"\s*\n\s*f?"', "", source)  # a text over several lines is one text
    quoted = [quote for row in FIRST_CELL.findall(text) for quote in re.findall(r"`([^`]+)`", row)]
    pieces = {piece.strip(" :;.?,()") for quote in quoted for piece in quote.split("…")}
    said = {piece for piece in pieces if len(piece) > len("of") and not piece.startswith("LOGIN_")}
    assert [piece for piece in sorted(said) if piece not in source] == []


def test_the_architecture_names_every_module_of_the_daemon_and_none_that_does_not_exist() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    source = ROOT / "src/risk_manager"
    modules = {path.stem for path in (source / "daemon").rglob("*.py")} - {"__init__"}
    assert [name for name in sorted(modules) if f"`{name}`" not in text] == []
    named = re.findall(r"`((?:core|daemon|gateway|signalr|store|simulator)/[\w/]+\.py)`", text)
    assert [name for name in named if not (source / name).exists()] == []


def rows_of_the_fault_matrix() -> Iterator[tuple[str, set[str]]]:
    """Word each row as its table does, with the columns that it measures."""
    for path in ROWS:
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                measured = " ".join(re.findall(r"\bmeasured\(([^)]*)", ast.get_source_segment(source, node) or ""))
                columns = {one for one in COLUMNS if re.search(rf"\b{one}=|\"{one}\"", measured)}
                yield sentence(node.name.removeprefix("test_")), columns


def test_every_row_of_the_fault_matrix_has_a_line_in_the_reliability_with_what_it_measures() -> None:
    text = (DOCS / "reliability.md").read_text(encoding="utf-8")
    told = {
        row: {one for one, cell in zip(COLUMNS, cells.split("|"), strict=True) if cell.strip()}
        for row, cells in MEASURED.findall(text)
        if row != "row"
    }
    assert told == dict(rows_of_the_fault_matrix())
    assert len(told) > len("dozens of rows, each of them a sentence")


def test_the_first_page_names_every_rule() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [rule.name for rule in RULES if f"docs/rules/{rule.name}.md" not in text] == []


def test_every_command_and_option_has_a_line_in_the_operations() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    words = {command.name: re.compile(rf"`{command.name}`") for command in COMMANDS}
    assert [name for name, pattern in words.items() if not pattern.search(text)] == []
    options = {option for option in re.findall(r"--[a-z]+", _all_help()) if option not in {"--help", "--version"}}
    assert [option for option in sorted(options) if f"`{option}" not in text] == []


def test_every_command_that_people_are_told_of_is_there() -> None:
    known = {command.name for command in COMMANDS}
    program = re.compile(r"risk-manager ([a-z][a-z-]*)")
    told = [*(ROOT / "src").rglob("*.py"), *PAGES]
    named = {(path.name, name) for path in told for name in program.findall(path.read_text(encoding="utf-8"))}
    assert [one for one in sorted(named) if one[1] not in known] == []


def _all_help() -> str:
    whole = parser()
    choices = next(action.choices for action in whole._actions if action.dest == "command")
    assert isinstance(choices, dict)
    return whole.format_help() + "".join(word.format_help() for word in choices.values())


def test_what_the_pages_show_as_configuration_is_accepted() -> None:
    blocks = [block for path in PAGES for block in YAML_BLOCK.findall(path.read_text(encoding="utf-8"))]
    bodies = [parse_document(block, name="a page").body for block in blocks]
    shown = [body for body in bodies if isinstance(body, dict) and "rules" in body]
    assert len(shown) >= len(RULES)
    for body in shown:
        policy_from_body(body, [], 1)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    broken = [link for link in links if not _leads_somewhere(page, link)]
    assert broken == []


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    if not anchor:
        return True
    headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return anchor in slugs
