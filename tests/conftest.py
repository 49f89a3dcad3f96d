"""What holds for all tests: an example may take as long as the machine needs."""

from hypothesis import HealthCheck, settings

# Both would read the clock, and fail on a busy machine what is right on an idle one.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
