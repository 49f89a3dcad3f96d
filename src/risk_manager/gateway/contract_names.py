"""The contracts that traders mean when they write `ES`, `/MNQ`, `ESU6`, `ESU26` or a full id (pure).

The venue's own search is fuzzy: `ES` brings MES, FVA and JY6 too. Here a name matches whole or not at all.
"""

import re
from collections.abc import Iterable
from typing import Final

from risk_manager.core.model.contract import Contract, code_of_id
from risk_manager.core.model.product import BY_ROOT

_MONTHLY: Final = re.compile(r"(?P<root>[A-Z0-9]+?)(?P<month>[FGHJKMNQUVXZ])(?P<year>\d{1,2})")
_DECADE: Final = 10


def find(name: str, contracts: Iterable[Contract]) -> Contract | None:
    """Find a contract in the venue's list of active ones (one a product)."""
    wanted = _cleaned(name)
    listed = tuple(contracts)
    for contract in listed:
        if wanted in (contract.contract_id.upper(), contract.name.lstrip("/").upper(), contract.root):
            return contract
    contract_id = id_of(name, listed)
    product = BY_ROOT.get(wanted)
    code = product.code if product else None
    for contract in listed:
        if contract.contract_id == contract_id or code_of_id(contract.contract_id) == code:
            return contract
    return None


def id_of(name: str, contracts: Iterable[Contract]) -> str | None:
    """Build the full id of a name with a month, also of one that the list does not hold; None for other names.

    A year of one digit is the one nearest to that of the product's active contract.
    """
    wanted = _cleaned(name)
    if wanted.startswith("CON."):
        return wanted
    parts = _MONTHLY.fullmatch(wanted)
    if parts is None:
        return None
    listed = [contract for contract in contracts if contract.root == parts["root"]]
    product = BY_ROOT.get(parts["root"])
    if not listed and product is None:
        return None
    code = code_of_id(listed[0].contract_id) if listed else product.code if product else ""
    year = _year(parts["year"], listed[0].contract_id if listed else "")
    return None if year is None else f"CON.F.US.{code}.{parts['month']}{year:02d}"


def _cleaned(name: str) -> str:
    return name.strip().lstrip("/").upper()


def _year(digits: str, listed_id: str) -> int | None:
    if len(digits) > 1:
        return int(digits)
    if not listed_id[-2:].isdigit():
        return None
    now = int(listed_id[-2:])
    candidates = (now - now % _DECADE + int(digits) + shift for shift in (-_DECADE, 0, _DECADE))
    return min(candidates, key=lambda year: (abs(year - now), -year)) % 100
