"""How the phantom is drawn: from a chest and its signs to pixels."""
