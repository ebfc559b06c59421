"""Finds the mistake behind a reported number, by running correct and mistaken programs with the reported seed."""
