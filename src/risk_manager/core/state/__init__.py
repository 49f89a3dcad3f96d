"""What the engine knows; all memory there is."""
