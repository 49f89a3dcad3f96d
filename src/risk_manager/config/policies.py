"""From the body of risk_config.yaml to what holds for each account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from risk_manager.config.document import Document
from risk_manager.config.holidays import holidays_of
from risk_manager.config.problems import ConfigurationRefusedError, Path, Place, Problem, nearest, problems_of
from risk_manager.config.rules import odd_roots, rules_of
from risk_manager.config.settings import AccountSettings, Section, Settings
from risk_manager.config.terms import Terms
from risk_manager.core.model.trading_calendar import Holidays, TradingCalendar
from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule, RuleMode, root_from_yaml
from risk_manager.core.rules import RULES


@dataclass(slots=True, kw_only=True)
class Judged:
    """One body, read: the settings, what holds where, and all that is wrong or odd."""

    settings: Settings
    policies: dict[int, Policy]
    account_settings: dict[int, AccountSettings]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def judge(
    document: Document, holidays: Holidays, *, account_ids: Iterable[int], known: Sequence[type[Rule]] | None = None
) -> Judged:
    """Read the body of risk_config.yaml for these accounts; `known` are the rules there are."""
    rules = RULES if known is None else known
    body = document.body if document.body is not None else {}
    if not isinstance(body, Mapping):
        refused = document.place(()).problem("must be a section with keys: mode, rules, …")
        return Judged(settings=Settings(), policies={}, account_settings={}, problems=[refused])
    overrides, problems = _overrides(document, body)
    shared = _Layer(document, {key: value for key, value in body.items() if key != "overrides"}, ((),))
    settings, common, found, warnings = shared.read(Settings, holidays, rules)
    judged = Judged(
        settings=settings if isinstance(settings, Settings) else Settings(),
        policies={},
        account_settings={},
        problems=found + problems,
        warnings=warnings,
    )
    for account_id in account_ids:
        judged.account_settings[account_id], judged.policies[account_id] = settings, common
        if account_id not in overrides:
            continue
        key, override = overrides[account_id]
        own = _Layer(document, merged(_of_one_account(shared.body), override), (("overrides", key), ()))
        special, policy, found, warnings = own.read(AccountSettings, holidays, rules)
        judged.account_settings[account_id], judged.policies[account_id] = special, policy
        judged.problems += found
        judged.warnings += warnings
    judged.problems = list(dict.fromkeys(judged.problems))
    judged.warnings = list(dict.fromkeys(judged.warnings))
    return judged


def unknown_overrides(document: Document, account_ids: Iterable[int]) -> list[Problem]:
    """Name overrides for accounts that accounts.yaml does not list."""
    body = document.body if isinstance(document.body, Mapping) else {}
    found, _ = _overrides(document, body)
    listed = set(account_ids)
    return [
        document.place(("overrides", key)).problem(
            f"no such account in accounts.yaml; {nearest(key, map(str, listed))}"
        )
        for account_id, (key, _) in found.items()
        if account_id not in listed
    ]


def policy_from_body(body: Mapping[str, Any], holidays: Sequence[Any], account_id: int) -> Policy:
    """Make one account's policy from already parsed YAML; raise `ConfigurationRefusedError` with every problem."""
    return terms_from_body(body, holidays, account_id).policy


def terms_from_body(body: Mapping[str, Any], holidays: Sequence[Any], account_id: int) -> Terms:
    """Read all that one account is held to from already parsed YAML; raises as `policy_from_body` does."""
    calendar, problems = holidays_of(Document("holidays", list(holidays)))
    judged = judge(Document("config", dict(body)), calendar, account_ids=[account_id])
    problems += judged.problems
    if problems:
        raise ConfigurationRefusedError(problems)
    return terms_of(judged.policies[account_id], judged.account_settings[account_id])


def terms_of(policy: Policy, settings: AccountSettings) -> Terms:
    """Put together what an account is held to; how it is reached stands elsewhere."""
    return Terms(
        policy=policy,
        admin_may_clear=settings.lockouts.admin_may_clear,
        loosen_after=settings.commitment.loosen_after,
        poll_every=settings.feed.poll_every,
        slow_poll_every=settings.feed.slow_poll_every,
    )


def merged(base: Mapping[Any, Any], over: Mapping[Any, Any]) -> dict[Any, Any]:
    """Lay one section over another key by key; lists and values are replaced, an empty section changes nothing.

    A key may be a root, which is the same in small letters.
    """
    result = dict(base)
    spelled = {root_from_yaml(key): key for key in base}
    for key, value in over.items():
        below = result.get(key)
        if key not in base and (known := spelled.get(root_from_yaml(key))) is not None:
            below = result.pop(known, None)
        if isinstance(below, Mapping) and (value is None or isinstance(value, Mapping)):
            result[key] = merged(below, value or {})
        else:
            result[key] = value
    return result


def _of_one_account(body: Mapping[Any, Any]) -> dict[Any, Any]:
    """Leave out what only the whole daemon has, so that an override of it is an unknown key."""
    return {key: value for key, value in body.items() if key in AccountSettings.model_fields}


def _overrides(
    document: Document, body: Mapping[Any, Any]
) -> tuple[dict[int, tuple[str, Mapping[Any, Any]]], list[Problem]]:
    """Sort the overrides by account id, with the key as it is written."""
    section = body.get("overrides") or {}
    if not isinstance(section, Mapping):
        return {}, [document.place(("overrides",)).problem("must be a section with one key for each account id")]
    found: dict[int, tuple[str, Mapping[Any, Any]]] = {}
    problems: list[Problem] = []
    for key, value in section.items():
        place = document.place(("overrides", str(key)))
        if isinstance(key, bool) or not str(key).isdecimal():
            problems.append(place.problem("the key must be an account id, a whole number"))
        elif value is not None and not isinstance(value, Mapping):
            problems.append(place.problem("must be a section of the same form as the file itself"))
        elif int(str(key)) in found:
            problems.append(place.problem("this account is given twice"))
        else:
            found[int(str(key))] = (str(key), value or {})
    return found, problems


@dataclass(frozen=True, slots=True)
class _Layer:
    """A body, perhaps laid over another, that still knows where in the file each value stands."""

    document: Document
    body: Mapping[Any, Any]
    origins: tuple[Path, ...]

    def find(self, path: Path) -> Place:
        """Find the deepest section that is written down; what lies on top wins."""
        for length in range(len(path), 0, -1):
            for origin in self.origins:
                here = origin + path[:length]
                if self.document.holds(here):
                    return self.document.place(here)
        nearest_place = self.document.place(())
        return Place(nearest_place.file, nearest_place.line, path)

    def read(
        self, model: type[AccountSettings], holidays: Holidays, known: Sequence[type[Rule]]
    ) -> tuple[AccountSettings, Policy, list[Problem], list[Problem]]:
        """Read settings and rules together; with problems, what is returned holds defaults and is not for use."""
        top = {
            key: value
            for key, value in self.body.items()
            if key != "rules" and not _is_empty_section(model, key, value)
        }
        problems: list[Problem] = []
        settings = model()
        try:
            settings = model.model_validate(top)
        except ValidationError as error:
            problems += problems_of(error, model=model, find=self.find)
        rules, found = rules_of(self.body.get("rules"), known=known, find=self.find)
        return settings, _policy(settings, rules, holidays), problems + found, odd_roots(rules, find=self.find)


def _is_empty_section(model: type[AccountSettings], key: object, value: object) -> bool:
    """Tell a section of which only the heading is left (`feed:`); its defaults hold."""
    field_of_model = model.model_fields.get(str(key))
    return value is None and field_of_model is not None and isinstance(field_of_model.default, Section)


def _policy(settings: AccountSettings, rules: tuple[Rule, ...], holidays: Holidays) -> Policy:
    return Policy(
        rules=rules,
        calendar=TradingCalendar(settings.trading_day.reset, settings.trading_day.timezone),
        holidays=holidays,
        mark=settings.quotes.mark,
        stale_after=settings.quotes.stale_after,
        flatten_after=settings.feed.flatten_after,
        shadow=settings.mode is RuleMode.SHADOW,
        strict=settings.strict_mode,
        warn_at=settings.warn_at,
    )
