"""`python -m rounds.web`: the command line."""

from rounds.web.cli import main

main()
