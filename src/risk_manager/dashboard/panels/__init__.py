"""The visible things on the trader's screen, one each."""
