"""Plays a story through the engine."""

import copy
from collections.abc import Mapping

from risk_manager.config.policies import policy_from_body
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.core.decisions import Plan
from risk_manager.core.engine import Engine
from risk_manager.core.events import ClockTicked, PolicyChanged, Restarted
from risk_manager.core.model.account import Account
from risk_manager.core.policy import Policy
from risk_manager.replay.story import Happening, Story, StoryUnreadableError, decimal_or_none
from risk_manager.replay.telling import Teller

_BALANCE = 50_000


def play(story: Story) -> list[Plan]:
    """Return every plan that the engine makes of a story, in order; raise `StoryUnreadableError` for a bad one."""
    return _Play(story).plans


class _Play:
    """One performance."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.plans: list[Plan] = []
        self.teller = Teller(story)
        self.policies = self._policies(story.config)
        self.engine = Engine(self.policies, at=story.start, accounts=[_account(raw) for raw in story.accounts])
        for happening in story.happenings:
            self._happen(happening)

    def _happen(self, happening: Happening) -> None:
        match happening.kind:
            case "reload":
                self.policies = self._policies(happening.fields)
                self.plans += self.engine.handle(PolicyChanged(at=happening.at, policies=self.policies))
            case "restart":
                self._restart(happening)
            case _:
                self.plans += self.engine.handle(self.teller.event(happening))

    def _restart(self, happening: Happening) -> None:
        self.plans += self.engine.handle(ClockTicked(at=happening.at))
        stored = {account_id: copy.deepcopy(one.memory) for account_id, one in self.engine.state.accounts.items()}
        self.engine = Engine(self.policies, at=happening.at, memories=stored)
        self.plans += self.engine.handle(Restarted(at=happening.at))
        for account_id in self.policies:
            self.plans += self.engine.handle(self.teller.last_words(account_id, happening.at))

    def _policies(self, config: Mapping[str, object]) -> dict[int, Policy]:
        try:
            return {
                int(raw["id"]): policy_from_body(config, self.story.holidays, int(raw["id"]))
                for raw in self.story.accounts
            }
        except ConfigurationRefusedError as refused:
            raise StoryUnreadableError(f"{self.story.path}: its config is refused:\n{refused}") from refused


def _account(raw: Mapping[str, object]) -> Account:
    can_trade = raw.get("can_trade", True)
    return Account(
        account_id=int(str(raw["id"])),
        balance=decimal_or_none(raw.get("balance", _BALANCE)),
        can_trade=None if can_trade is None else bool(can_trade),
    )
