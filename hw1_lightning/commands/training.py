"""`hw1 fit | validate | test | predict`."""

from collections.abc import Sequence

from hw1_lightning.commands.fitting.training_cli import TrainingCLI
from hw1_lightning.commands.parser.messages import as_input_errors, quiet_libraries
from hw1_lightning.runs.interruption import Interruption


def run(args: Sequence[str]) -> int:
    """Run one of Lightning's subcommands; the status is 1 if training diverged."""
    quiet_libraries(args[0])
    with as_input_errors():
        return TrainingCLI(args, callbacks=[Interruption()]).status
