"""How the phantom is drawn."""
