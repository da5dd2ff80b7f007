"""A kept classifier: its folder, its calibration, when it abstains, and what it predicts."""
