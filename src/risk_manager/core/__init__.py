"""The pure core: events in, plans out; no I/O, clock, randomness, logging or asyncio."""
