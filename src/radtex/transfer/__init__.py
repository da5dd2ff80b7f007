"""Few labels, many repeats, honest statistics: which encoder needs the fewest labels."""
