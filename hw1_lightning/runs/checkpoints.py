"""Checkpoints on disk: whole or not at all, and read without executing anything."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins import TorchCheckpointIO

from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing

DATA_SHA256 = "data_sha256"


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint beside its final name, waits until it is on the disk, and renames it; see ``replacing``.

    Whatever happens on the way, the checkpoint of that name is the old one or the new one, both whole. (Lightning's own
    writes into the temporary folder, possibly another file system, and moves it from there.)

    Args:
        data_sha256: SHA-256 of what the model is trained on, which every checkpoint then holds.
    """

    def __init__(self, data_sha256: str | None = None) -> None:
        self.data_sha256 = data_sha256

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None) -> None:
        """Write a checkpoint.

        Args:
            checkpoint: what to write.
            path: the file; its folder is made if it is missing.
            storage_options: not supported.

        Raises:
            InputError: if it cannot be written, as on a full disk; the checkpoint before it is unharmed.
        """
        if self.data_sha256 is not None:
            checkpoint[DATA_SHA256] = self.data_sha256
        content = io.BytesIO()  # torch, writing by itself, tells a full disk as "unexpected pos"
        torch.save(checkpoint, content)
        with replacing(Path(path), "; the checkpoint before it, if any, is unharmed", synced=True) as temporary:
            temporary.parent.mkdir(parents=True, exist_ok=True)
            # A view that an error keeps alive would make Python complain when the buffer goes.
            with content.getbuffer() as view, temporary.open("wb") as file:
                file.write(view)

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Callable[..., Any] | None = lambda storage, loc: storage,
        weights_only: bool | None = True,
    ) -> dict[str, Any]:
        """Read a checkpoint, or the weights that another process hands over, as ``read_checkpoint`` does.

        ``weights_only`` is not heeded: nothing else is ever read.
        """
        content: dict[str, Any] = _read(path, map_location)
        return content


def remove_unfinished(folder: Path) -> None:
    """Remove what processes left that were killed while they wrote a checkpoint.

    Args:
        folder: one into which no other process writes now.
    """
    for path in folder.glob(".*.ckpt.*.tmp"):
        path.unlink(missing_ok=True)


def read_checkpoint(path: str | Path, map_location: Any = "cpu") -> dict[str, Any]:
    """Read a checkpoint of tensors and plain values; nothing in it is executed.

    Args:
        path: a local file.
        map_location: where its tensors go, as in ``torch.load``.

    Returns:
        What it holds.

    Raises:
        InputError: if there is no such file, it is damaged, or it holds anything else than tensors and plain values.
    """
    checkpoint = _read(path, map_location)
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise InputError(f"{path} is no checkpoint of a model; it lacks 'state_dict'")
    return checkpoint


def _read(path: str | Path, map_location: Any) -> Any:
    """Read tensors and plain values."""
    if not Path(path).is_file():
        raise InputError(f"no checkpoint {path}; `hw1 fit` writes best.ckpt and last.ckpt into runs/NAME/VERSION")
    try:
        return torch.load(path, map_location=map_location, weights_only=True)
    except Exception as error:  # what a damaged or hostile file raises is not documented
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path} is no checkpoint that can be read safely: {reason}") from error
