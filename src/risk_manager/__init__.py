"""A daemon that enforces a trader's own risk rules on his TopstepX accounts."""

__version__ = "0.1.0"
