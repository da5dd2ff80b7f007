"""`python -m radtex`."""

from radtex.cli import main

main()
