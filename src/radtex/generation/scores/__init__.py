"""How near a written report is to the reference: one module per score."""
