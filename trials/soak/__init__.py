"""The soak: random traders and random bad luck, judged by somebody who knows only the venue's log."""
