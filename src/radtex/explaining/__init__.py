"""Where in a film a model looks, and whether that is where the finding is."""
