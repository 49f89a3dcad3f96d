"""Stories: rules as examples, played through the very engine that the daemon runs, in virtual time."""
