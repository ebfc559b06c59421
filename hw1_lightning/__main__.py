"""`python -m hw1_lightning` is the `hw1` command."""

import sys

from hw1_lightning.cli import main

sys.exit(main())
