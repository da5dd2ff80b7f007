"""Which films are worth a reader's time."""
