"""The soak: random traders and random bad luck for as long as one likes, judged by somebody who knows only the venue's log."""
