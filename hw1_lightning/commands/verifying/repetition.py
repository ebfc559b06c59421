"""The repetition of a recorded run, in another folder."""

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import yaml
from lightning.pytorch import Callback

from hw1_lightning.commands.fitting.training_cli import TrainingCLI
from hw1_lightning.commands.parser.config_files import limit_yaml_cost
from hw1_lightning.commands.parser.messages import as_input_errors, quiet_libraries
from hw1_lightning.commands.verifying.recorded_run import RecordedRun
from hw1_lightning.commands.verifying.repeatable import repeatable_options
from hw1_lightning.errors import InputError
from hw1_lightning.training.stop_after import StopAfter

ELSEWHERE = "--data.source.path FILE says where the data are on this machine"


def repeat(
    recorded: RecordedRun, epochs: int, folder: Path, further: Sequence[str] = (), threads: int | None = None
) -> None:
    """Train with the options and the seed of a recorded run.

    Args:
        recorded: the run.
        epochs: how many epochs to train; the test follows after all epochs of a finished run.
        folder: an empty folder to train in.
        further: options that say where the data are.
        threads: CPU threads; ``None`` for those of the run's options.
    """
    quiet_libraries()
    limit_yaml_cost()
    config = {**repeatable_options(recorded), "templates_every_n_epochs": 0}
    config["test_after_fit"] = config.get("test_after_fit", True) and recorded.is_complete(epochs)
    source = config["data"].get("source")
    path = (source.get("init_args") or {}).get("path") if isinstance(source, dict) else None
    if isinstance(path, str) and not Path(path).exists() and not further:
        raise InputError(f"the data of {recorded.folder} cannot be found: {path} does not exist; {ELSEWHERE}")
    file = folder.with_name("config.yaml")
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    given = [*further, *([f"--threads={threads}"] if threads is not None else [])]
    args = ["fit", f"--config={file}", *given, *(f"--trust={package}" for package in recorded.trusted)]
    with redirect_stdout(io.StringIO()), as_input_errors():
        Repetition(args, folder, [StopAfter(epochs)], recorded.data_sha256)


class Repetition(TrainingCLI):
    """`hw1 fit` that trains only on data with a given SHA-256.

    Args:
        args: the arguments of `hw1 fit`.
        folder: where it runs.
        callbacks: additional callbacks.
        sha256: of the data; ``None`` if it was not recorded.
    """

    def __init__(self, args: Sequence[str], folder: Path, callbacks: Sequence[Callback], sha256: object) -> None:
        self._sha256 = sha256
        super().__init__(args, folder, callbacks)

    def _start_message(self, what: str, folder: Path) -> str:
        return f"repeating {what.removesuffix(',')}"

    def fit(self, **further: Any) -> None:
        """Check the data and train."""
        here = self.datamodule.arrays.sha256
        if self._sha256 not in (None, here):
            sums = f"their SHA-256 is {here[:12]}..., and the run's {str(self._sha256)[:12]}..."
            raise InputError(f"the data on this machine are not those of the run: {sums}; {ELSEWHERE}")
        super().fit(**further)
