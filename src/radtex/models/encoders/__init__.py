"""Encoders by name: `random`, `imagenet`, runs, and those that others trained."""
