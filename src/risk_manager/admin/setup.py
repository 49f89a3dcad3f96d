"""From nothing to a protected account, question by question."""

from risk_manager.admin import accounts, rules
from risk_manager.admin.office import NotDoneError, Office
from risk_manager.config.configuration import load
from risk_manager.config.document import read_document
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.config.sample import write_samples
from risk_manager.config.wording import enforced_lines
from risk_manager.store.database import open_database

_MODES = [
    ("act from the start: what breaks a rule is closed", "enforce"),
    ("only watch at first: say what would have been done, and do nothing", "shadow"),
]


def set_up(
    office: Office,
    *,
    username: str | None,
    account_id: int | None,
    nickname: str | None,
    mode: str | None,
    loss_limit: str | None,
) -> None:
    """Lead through the first run; what is there already is kept. Raises `NotDoneError`."""
    for path in write_samples(office.home):
        office.say(f"wrote {path}")
    open_database(office.home.database).close()
    office.say("1. The account. Its API key is tried at once, and kept encrypted.")
    if _has_only_the_sample(office) or office.ask.agrees("There are accounts already. Add another?"):
        added = accounts.add(office, username=username, account_id=account_id, nickname=nickname)
    else:
        added = None
    try:
        _rules_and_proof(office, added, mode=mode, loss_limit=loss_limit)
    except KeyboardInterrupt:
        what = "the accounts and rules" if added is None else f"account {added}, with its key, and the rules"
        office.say(f"Stopped on the way: {what} stand whole in the files, as risk-manager check tells them.")
        office.say("Go on with risk-manager admin rules list, and then risk-manager admin accounts test.")
        raise


def _rules_and_proof(office: Office, added: int | None, *, mode: str | None, loss_limit: str | None) -> None:
    office.say("2. The rules. The sample suits a 50K Trading Combine; look at each: risk-manager admin rules list")
    _choose_limits(office, mode=mode, loss_limit=loss_limit)
    office.say("3. The whole configuration:")
    _tell_enforced(office)
    office.say("4. The way to the venue:")
    accounts.test(office, added)
    office.say("Done. Start the protection with risk-manager run, and watch it with risk-manager trader.")


def _choose_limits(office: Office, *, mode: str | None, loss_limit: str | None) -> None:
    document = rules.document_of(rules.look(office))
    present = rules.flow_text(document.value(("rules", "daily_realized_loss", "loss_limit")))
    limit = loss_limit or office.ask.text("Stop for the day at a loss of how many dollars", suggested=present)
    chosen = mode or office.ask.choose("Should the rules", _MODES)
    if limit != present:
        rules.set_setting(office, "daily_realized_loss.loss_limit", limit)
    if rules.flow_text(document.value(("mode",))) != chosen:
        rules.set_setting(office, "mode", chosen)


def _has_only_the_sample(office: Office) -> bool:
    entries = read_document(office.home.accounts, name="accounts.yaml").value(("accounts",))
    ids = [entry.get("account_id") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return ids in ([], [accounts.SAMPLE_ID])


def _tell_enforced(office: Office) -> None:
    try:
        configuration = load(office.home, environ=office.environ)
    except ConfigurationRefusedError as refused:
        raise NotDoneError("to be mended first:\n" + "\n".join(map(str, refused.problems))) from None
    for line in enforced_lines(configuration):
        office.say(f"   {line}")
