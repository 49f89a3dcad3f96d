"""What the accounts are held to, and what waits to loosen it."""
