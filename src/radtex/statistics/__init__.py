"""Measures, intervals and p values of numbers alone."""
