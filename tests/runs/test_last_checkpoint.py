from pathlib import Path

import pytest
import torch

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.models import LogisticRegression
from hw1_lightning.runs.last_checkpoint import LastCheckpoint
from tests.training.test_training import Blobs, trainer


@pytest.mark.parametrize(("seconds", "writes"), [(0.0, 5), (1e9, 1)])
def test_saves_are_an_interval_apart_and_the_final_state_is_saved(
    seconds: float, writes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[int] = []
    callback = LastCheckpoint(tmp_path / "last.ckpt", seconds)
    run = trainer(max_epochs=4, callbacks=[callback], enable_checkpointing=True)
    save = run.save_checkpoint

    def counted(path: Path) -> None:
        saved.append(run.current_epoch)
        save(path)

    monkeypatch.setattr(run, "save_checkpoint", counted)
    torch.manual_seed(0)
    model = LogisticRegression(input_shape=(4,), num_classes=3)
    run.fit(model, datamodule=ArrayDataModule(Blobs()))
    assert len(saved) == writes
    state = torch.load(tmp_path / "last.ckpt", weights_only=True)["state_dict"]
    assert torch.equal(state["linear.weight"], model.linear.weight)
