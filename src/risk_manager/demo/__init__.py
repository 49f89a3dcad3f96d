"""The demo: a simulated venue, a scripted trader who breaks every rule, and the daemon that stops him."""
