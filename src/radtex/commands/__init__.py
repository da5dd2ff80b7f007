"""Each command as a function that Python may call; `radtex` offers them by the command's name."""
