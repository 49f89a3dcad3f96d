"""The documents name everything that there is, and nothing that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from risk_manager.cli import COMMANDS, parser
from risk_manager.config.document import parse_document
from risk_manager.config.policies import policy_from_body
from risk_manager.config.settings import Settings
from risk_manager.core.rule import Rule
from risk_manager.core.rules import RULES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
YAML_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


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


def test_every_command_and_option_has_a_line_in_the_operations() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    words = {command.name: re.compile(rf"`{command.name}`") for command in COMMANDS}
    assert [name for name, pattern in words.items() if not pattern.search(text)] == []
    options = {option for option in re.findall(r"--[a-z]+", _all_help()) if option not in {"--help", "--version"}}
    assert [option for option in sorted(options) if f"`{option}" not in text] == []


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
