"""What models say of a film, for several clients at a time."""
