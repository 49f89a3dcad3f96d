"""Everything that a daemon loads, so that a copy of the process has it already."""

import risk_manager.alerts.courier
import risk_manager.daemon.bootstrap
import risk_manager.gateway.client
import risk_manager.local_api.server

__all__ = ["risk_manager"]
