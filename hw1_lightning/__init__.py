"""hw1: perceptron, logistic regression and multi-layer perceptrons, compared honestly.

Importing the package costs nothing: torch and lightning are imported by the modules that need them.
"""

import os
import sys

__version__ = "0.2.0"

# With this, MKL's matrix products round the same with any number of threads. MKL reads it at its first product, so it
# may come too late where torch was imported before. A value of the user's own, an empty one too, is kept, and
# processes that this one starts inherit it.
MKL_CBWR_AFTER_TORCH = "torch" in sys.modules and "MKL_CBWR" not in os.environ
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")
