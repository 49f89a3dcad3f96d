"""From a plan to the venue's own proof: what is wanted, what is asked, what came of it."""
