"""Sections of the evidence page about each target at the largest budget, one a module."""
