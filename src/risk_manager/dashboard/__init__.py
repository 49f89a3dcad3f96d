"""The trader's screen, and the same in plain text: what the local API tells, and nothing behind it."""
