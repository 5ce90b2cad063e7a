"""`python -m source_x_organic` does what the console script does."""

from source_x_organic.run import run

run()
