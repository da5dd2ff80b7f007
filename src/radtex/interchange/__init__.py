"""Runs and classifiers in the formats of other programs, and as estimators of scikit-learn."""
