"""`python -m stepladder`, the same as the console script."""

from stepladder.cli import main

main()
