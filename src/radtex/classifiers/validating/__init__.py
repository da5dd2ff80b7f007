"""A kept classifier on another site's labelled films: how it does there, beside its own card."""
