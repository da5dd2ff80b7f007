"""What several modules read of one archive: its side tables, labels, reports and paths."""
