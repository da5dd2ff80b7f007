"""Findings that a user defines by words, beside the 14 observations."""
