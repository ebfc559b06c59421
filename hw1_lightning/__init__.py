"""hw1: perceptron, logistic regression and multi-layer perceptrons, compared honestly.

Importing the package costs nothing: torch and lightning are imported by the modules that need them.
"""

__version__ = "0.1.0"
