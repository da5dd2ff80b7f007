"""Teach an encoder from reports, or from labels, with one loop for every objective."""
