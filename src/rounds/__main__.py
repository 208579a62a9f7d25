"""`python -m rounds`: the command line."""

from rounds.web.cli import main

main()
