"""`python -m hw1_lightning` is the `hw1` command."""

from hw1_lightning.cli import program

program()
