"""Patients recognised in every corpus and run of a site, and named in no run."""
