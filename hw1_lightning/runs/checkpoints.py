"""Checkpoints on disk: written atomically, and read without running code from them."""

import io
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins import TorchCheckpointIO

from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing

DATA_SHA256 = "data_sha256"


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes checkpoints atomically: to a temporary file in the same folder, synced to the disk, then renamed.

    After a crash, the file is either the previous checkpoint or the new one, never a part of it. (Lightning's own class
    moves the file from the temporary folder, which may be on another file system.)

    Args:
        data_sha256: SHA-256 of the training data, saved in every checkpoint.
    """

    def __init__(self, data_sha256: str | None = None) -> None:
        self.data_sha256 = data_sha256

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None) -> None:
        """Write a checkpoint; a missing folder is created, and ``storage_options`` are ignored.

        Raises:
            InputError: if it cannot be written, as on a full disk; the previous checkpoint is kept.
        """
        if self.data_sha256 is not None:
            checkpoint[DATA_SHA256] = self.data_sha256
        content = io.BytesIO()  # torch.save to a file reports a full disk as "unexpected pos"
        torch.save(checkpoint, content)
        with replacing(Path(path), "; the previous checkpoint, if any, is unchanged", synced=True) as temporary:
            temporary.parent.mkdir(parents=True, exist_ok=True)
            # An error keeps the view alive, and Python complains when a buffer with a view is freed.
            with content.getbuffer() as view, temporary.open("wb") as file:
                file.write(view)

    def load_checkpoint(
        self, path: str | Path, map_location: Any = lambda storage, loc: storage, weights_only: bool | None = True
    ) -> dict[str, Any]:
        """Read a checkpoint, or the weights from another process; always as if ``weights_only`` were true."""
        content: dict[str, Any] = _read(path, map_location)
        return content


def remove_unfinished(folder: Path) -> None:
    """Remove the temporary files of processes that were killed while they wrote a checkpoint.

    Args:
        folder: one that no other process is writing to.
    """
    for path in folder.glob(".*.ckpt.*.tmp"):
        path.unlink(missing_ok=True)


def read_checkpoint(path: str | Path, map_location: Any = "cpu") -> dict[str, Any]:
    """Read a checkpoint of tensors and plain values; code in it is never run.

    Args:
        path: a local file.
        map_location: the device of its tensors, as in ``torch.load``.

    Raises:
        InputError: if there is no such file, it is damaged, or it holds anything but tensors and plain values.
    """
    checkpoint = _read(path, map_location)
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise InputError(f"{path} is not a model's checkpoint: it has no 'state_dict'; give one that `hw1 fit` wrote")
    return checkpoint


def _read(path: str | Path, map_location: Any) -> Any:
    """Read tensors and plain values."""
    if not Path(path).is_file():
        raise InputError(f"no checkpoint {path}; `hw1 fit` writes best.ckpt and last.ckpt into runs/NAME/VERSION")
    try:
        return torch.load(path, map_location=map_location, weights_only=True)
    except Exception as error:  # which errors a damaged or hostile file raises is not documented
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path} is not a checkpoint that can be read safely: {reason}") from error
