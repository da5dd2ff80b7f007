"""Which studies are labelled."""
