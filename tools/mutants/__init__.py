"""Breaks one module in many small ways, and tells which of them no test notices."""
