"""What the project promises of its speed and size, measured."""
