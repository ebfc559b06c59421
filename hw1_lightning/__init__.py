"""hw1: perceptron, logistic regression and multi-layer perceptrons, compared honestly.

Importing the package is fast: only the modules that need torch and lightning import them.
"""

import os
import sys

__version__ = "0.2.0"

# With this, MKL's matrix products round the same with any number of threads. MKL reads it at its first product, so it
# may be too late if torch was imported before. A value that the user has set, even an empty one, is kept. Child
# processes inherit it.
MKL_CBWR_AFTER_TORCH = "torch" in sys.modules and "MKL_CBWR" not in os.environ
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")
