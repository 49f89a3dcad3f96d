"""Which test files are a module's own: those in `tests/` that mirror it by their names."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "src" / "risk_manager" / "core"
TESTS = ROOT / "tests" / "core"


def mirrors(module: Path) -> list[Path]:
    """List the test files of a module of the core: `test_<module>.py`, and `test_<module>_<more>.py`.

    Of `test_max_contracts_per_instrument.py` it is the longer module that is meant.
    """
    folder = TESTS / module.relative_to(CORE).parent
    if module.stem == "__init__":
        return sorted(folder.glob("test_all_*.py"))
    longer = [f"test_{one.stem}" for one in module.parent.glob(f"{module.stem}_*.py")]
    more = [
        path
        for path in folder.glob(f"test_{module.stem}_*.py")
        if not any(path.stem == one or path.stem.startswith(f"{one}_") for one in longer)
    ]
    return sorted([*folder.glob(f"test_{module.stem}.py"), *more])
