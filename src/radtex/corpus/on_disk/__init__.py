"""The files that a corpus consists of."""
