"""The daemon's own WebSocket: what it knows and does, told to screens and programs on the same machine."""
