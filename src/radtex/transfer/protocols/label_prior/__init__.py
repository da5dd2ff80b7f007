"""What is believed of studies before any of them is labelled, and how probes use it."""
