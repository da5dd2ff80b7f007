"""The Evidence folder: tables, figures, page, flags, and what repeats it."""
