"""From a corpus to batches of images and texts."""
