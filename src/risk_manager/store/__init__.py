"""What the daemon must not forget, in SQLite."""
