import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from hw1_lightning.cli import main
from hw1_lightning.data.sources import Digits
from tests.conftest import Capture, Fit, Refused

SHORT = ("--config=configs/mlp.yaml", "--trainer.max_epochs=3", "--model.hidden_sizes=[16]")


def test_an_exported_run_has_its_test_accuracy(fit: Fit, tmp_path: Path, capsys: Capture) -> None:
    run = fit(*SHORT)
    output = tmp_path / "model.onnx"
    main(["export", f"--ckpt_path={run['folder'] / 'checkpoints' / 'last.ckpt'}", str(output)])
    message = capsys.readouterr()
    assert message.err == ""
    assert [line.split()[0] for line in message.out.splitlines()] == ["model", "checked", "written"]
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    test = Digits().load().test
    (probabilities,) = session.run(None, {"inputs": test.inputs.numpy()})
    accuracy = np.mean(probabilities.argmax(1) == test.targets.numpy())
    assert accuracy == pytest.approx(run["test"]["test/accuracy"], abs=1e-6)


def test_a_model_of_the_users_own_is_exported_if_it_is_trusted(
    fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused, capsys: Capture
) -> None:
    config = Path("configs/mlp.yaml").resolve()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    Path("exported_net.py").write_text("from hw1_lightning.models import MLP\n\nclass ExportedNet(MLP):\n    pass\n")
    run = fit(f"--config={config}", "--trust=exported_net", "--model=exported_net.ExportedNet", *SHORT[1:])
    checkpoint = f"--ckpt_path={run['folder'] / 'checkpoints' / 'last.ckpt'}"
    assert main(["export", checkpoint, "--trust", "exported_net", "model.onnx"]) == 0
    assert capsys.readouterr().out.startswith("model          ExportedNet, inputs 8, 8, 1\n")
    assert Path("model.onnx").is_file()
    assert "there is neither exported_nt.py in" in refused("export", checkpoint, "--trust=exported_nt", "other.onnx")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["there.onnx", "--ckpt_path=damaged.ckpt"], "there.onnx exists; remove it"),
        (["new.onnx", "--ckpt_path=damaged.ckpt"], "not a checkpoint that can be read safely"),
        (["new.onnx", "--ckpt_path=none.ckpt"], "no checkpoint none.ckpt"),
        (["new.onnx"], "give --ckpt_path"),
        ([], "required: MODEL.onnx"),
    ],
)
def test_mistakes(
    args: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("there.onnx", "damaged.ckpt"):
        Path(name).write_bytes(b"something")
    assert message in refused("export", *args)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["damaged.ckpt", "there.onnx"]
