from risk_manager.alerts.channels import opened
from risk_manager.alerts.trial import try_all
from tests.alerts.post_office import START, Service, running, webhook_at


async def test_every_channel_is_tried_and_told_of() -> None:
    async with running(Service()) as well, running(Service(answers=[404])) as ill:
        trials = await try_all(opened([webhook_at(well.url, "well"), webhook_at(ill.url, "ill")]), at=START)
    assert [(trial.channel, trial.is_told) for trial in trials] == [("well", True), ("ill", False)]
    assert well.titles == ["Risk manager: this is a test"]
    assert str(trials[1]) == "FAILED ill                  answered HTTP 404"
