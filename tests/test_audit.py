"""What `python do.py audit` makes of pip-audit's findings."""

from tools.audit import verdict

CLEAN = {"name": "a", "version": "1.0", "vulns": []}
VULNERABLE = {"name": "b", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
WITHOUT_CURE = {"name": "c", "version": "3.0", "vulns": [{"id": "CVE-2", "fix_versions": []}]}
UNKNOWN = {"name": "d", "skip_reason": "not found"}


def test_all_clean_is_a_success() -> None:
    assert verdict([CLEAN, CLEAN]) == ("audit: 2 clean, 0 vulnerable, 0 not looked up", 0)


def test_a_vulnerability_is_named_with_its_cure_where_there_is_one() -> None:
    words, code = verdict([CLEAN, VULNERABLE, WITHOUT_CURE, UNKNOWN])
    assert "b 2.0: CVE-1 (mended in 2.1)" in words
    assert "c 3.0: CVE-2 (mended in no version yet)" in words
    assert code == 1


def test_what_could_not_be_looked_up_does_not_pass_for_clean() -> None:
    words, code = verdict([CLEAN, UNKNOWN])
    assert "d: not looked up (not found)" in words
    assert words.endswith("1 clean, 0 vulnerable, 1 not looked up")
    assert code == 2
