"""How the phantom's reports are written: from signs to words."""
