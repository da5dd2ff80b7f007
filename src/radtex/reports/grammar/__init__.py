"""How the labeler reads a sentence: phrases, what follows each, and what the cues make of it."""
