"""radtex learns to read chest radiographs from their reports."""

__version__ = "0.1.0"
