"""The conductor: hub frame → event → plan → stored intent → requests, until the venue proves it."""
