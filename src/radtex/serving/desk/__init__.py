"""Labels that are given one at a time, in the browser."""
