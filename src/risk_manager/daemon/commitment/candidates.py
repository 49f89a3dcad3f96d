"""The logins that the files ask for in the place of those that accounts are held to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from risk_manager.config.login_terms import Login
from risk_manager.config.terms import LOGIN, Held, Terms


@dataclass(frozen=True, slots=True)
class Candidate:
    """A login in the place of another one, and the accounts that it must show."""

    held: Login
    login: Login
    account_ids: frozenset[int]

    @property
    def is_new_key(self) -> bool:
        """Tell whether it is the same user with another key."""
        return self.login.username == self.held.username


def candidates(held: Mapping[int, Held], wanted: Mapping[int, Terms], in_use: Collection[Login]) -> list[Candidate]:
    """List them, but for what was cancelled, is in use, or has no key to be tried with."""
    found: dict[tuple[Login, Login], set[int]] = {}
    for account_id, terms in wanted.items():
        of = held.get(account_id)
        if of is None or not of.is_proven or of.terms.login == terms.login or not terms.login.mark:
            continue
        if terms.login in in_use or any(change.what == LOGIN for change in of.cancelled):
            continue
        found.setdefault((of.terms.login, terms.login), set()).add(account_id)
    for (old, new), account_ids in found.items():
        if old.username == new.username:  # nobody may be left behind, listed or not
            account_ids |= {one for one, of in held.items() if of.is_proven and of.terms.login == old}
    return [Candidate(old, new, frozenset(account_ids)) for (old, new), account_ids in found.items()]
