"""How good are written reports? Scores, baselines and paired comparisons."""
