"""Who labelled what: the sources of labels, the readers who bring them, and where they go."""
