"""Open-i."""
