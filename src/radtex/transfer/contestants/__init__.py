"""The encoders that are compared, and their features."""
