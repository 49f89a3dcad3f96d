"""The nouns of futures trading, as values."""
