"""The folder that `hw1 fit` writes, and the other commands that read it."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.custom_scalar.layout_pb2 import Layout
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from hw1_lightning import __version__
from hw1_lightning.cli import main
from hw1_lightning.data.sources import Digits
from hw1_lightning.models import LogisticRegression
from hw1_lightning.runs.metrics_reader import read_metrics
from hw1_lightning.runs.result import HPARAMS
from tests.conftest import Capture, Fit

SHORT = ("--config=configs/mlp.yaml", "--trainer.max_epochs=3", "--model.hidden_sizes=[16]")


def test_a_run_leaves_its_options_curves_checkpoints_and_result(fit: Fit) -> None:
    result = fit(*SHORT, "--seed_everything=7")
    folder = result.pop("folder")
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("events"))
    assert names == [
        "checkpoints", "config.yaml", "confusion_matrix.png", "correct.npz", "metrics.csv", "result.json",
        "worst_mistakes.png",
    ]  # fmt: skip
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]
    rows = read_metrics(folder / "metrics.csv")
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert list(result) == [
        "name", "version", "seed", "split_seed", "status", "final", "best", "test", "classes",
        "seconds", "epochs", "steps", "data", "versions", "machine"
    ]  # fmt: skip
    assert (result["name"], result["version"], result["seed"]) == ("mlp", "version_0", 7)
    assert result["split_seed"] is None
    assert (result["status"], result["epochs"], result["steps"]) == ("finished", 3, 60)
    assert result["final"] == {name: value for name, value in rows[-1].items() if name != "epoch"}
    assert set(result["final"]) == {"train/loss", "val/loss", "val/accuracy", "weights/l2_norm"}
    best = max(row["val/accuracy"] for row in rows)
    assert result["best"]["val/accuracy"] == best
    assert rows[result["best"]["epoch"] - 1]["val/accuracy"] == best
    assert set(result["test"]) == {"test/loss", "test/accuracy"}
    assert result["data"] == {
        "source": "Digits",
        "sha256": Digits().load().sha256,
        "sizes": {"train": 1257, "val": 180, "test": 360},
    }
    assert result["versions"]["hw1"] == __version__
    assert result["seconds"] > 0
    config = yaml.safe_load((folder / "config.yaml").read_text())
    assert config["model"]["init_args"]["hidden_sizes"] == [16]
    assert "num_classes" not in config["model"]["init_args"], "sizes come from the data"
    checkpoint = torch.load(folder / "checkpoints" / "best.ckpt", weights_only=True)
    assert checkpoint["hyper_parameters"]["hidden_sizes"] == [16]


def test_config_of_a_run_repeats_it(fit: Fit) -> None:
    first = fit(*SHORT, "--model.dropout=0.1", "--seed_everything=7", "--name=first")
    second = fit("--config", str(first["folder"] / "config.yaml"), "--name=second")
    for part in ("final", "best", "test", "seed", "steps"):
        assert first[part] == second[part]


def test_same_command_twice_makes_two_versions(fit: Fit) -> None:
    assert [fit(*SHORT)["version"] for _ in range(2)] == ["version_0", "version_1"]


def test_name_is_that_of_the_first_config_or_as_asked(fit: Fit) -> None:
    overlay = "--config=configs/data/digits.yaml"
    assert fit(*SHORT, overlay)["name"] == "mlp"
    assert fit(*SHORT, "--name=mine")["name"] == "mine"
    assert fit("--model=LogisticRegression", "--trainer.max_epochs=1")["name"] == "LogisticRegression"


def test_best_weights_can_be_tested(fit: Fit) -> None:
    options = ("--config=configs/learning_rate.yaml", "--trainer.max_epochs=8", "--model.learning_rate=0.1")
    result = fit(*options, "--test_weights=best")
    assert result["best"]["epoch"] != result["epochs"], "otherwise the test proves nothing"
    path = result["folder"] / "checkpoints" / "best.ckpt"
    model = LogisticRegression.load_from_checkpoint(path, weights_only=True)
    test = Digits().load().test
    accuracy = (model(test.inputs).argmax(1) == test.targets).float().mean().item()
    assert result["test"]["test/accuracy"] == pytest.approx(accuracy, abs=1e-6)


def test_last_checkpoint_holds_the_final_weights(fit: Fit, capsys: Capture) -> None:
    result = fit("--config=configs/learning_rate.yaml", "--trainer.max_epochs=8", "--model.learning_rate=0.1")
    assert result["best"]["epoch"] != result["epochs"], "otherwise the test proves nothing"
    main(["test", "--ckpt_path", str(result["folder"] / "checkpoints" / "last.ckpt")])
    out = capsys.readouterr().out
    assert f"test/accuracy  {result['test']['test/accuracy']:.4f}" in out
    main(["validate", "--ckpt_path", str(result["folder"] / "checkpoints" / "last.ckpt")])
    assert f"val/accuracy   {result['final']['val/accuracy']:.4f}" in capsys.readouterr().out


def test_predict_writes_probabilities_that_give_the_test_accuracy(fit: Fit, tmp_path: Path) -> None:
    result = fit(*SHORT)
    output = tmp_path / "predictions.csv"
    main(["predict", "--ckpt_path", str(result["folder"] / "checkpoints" / "last.ckpt"), "--output", str(output)])
    with output.open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["index"]) for row in rows] == list(range(360))
    accuracy = sum(row["label"] == row["class"] for row in rows) / len(rows)
    assert accuracy == pytest.approx(result["test"]["test/accuracy"], abs=1e-6)
    assert all(float(row["probability"]) >= float(row["runner_up_probability"]) >= 0 for row in rows)


def test_tensorboard_holds_curves_layout_and_hparams(fit: Fit) -> None:
    runs = [
        fit(*SHORT),
        fit("--config=configs/logistic_regression.yaml", "--trainer.max_epochs=2"),
    ]
    keys = []
    for result, zeros in zip(runs, (set(), {"weights/zero_fraction"}), strict=True):
        events = EventAccumulator(str(result["folder"]))
        events.Reload()
        rows = read_metrics(result["folder"] / "metrics.csv")
        for tag in ("train/loss", "val/loss", "val/accuracy"):
            curve = {event.step: event.value for event in events.Scalars(tag)}
            assert curve == pytest.approx({int(row["epoch"]): row[tag] for row in rows})
        assert events.Scalars("test/accuracy")[0].value == pytest.approx(result["test"]["test/accuracy"])
        assert set(events.Tags()["scalars"]) - zeros == {
            "train/loss", "val/loss", "val/accuracy", "test/loss", "test/accuracy", "weights/l2_norm"
        }, "no hp_metric of -1, no epoch curve"  # fmt: skip
        layout = Layout.FromString(events.Tensors("custom_scalars__config__")[0].tensor_proto.string_val[0])
        assert list(layout.category[0].chart[0].multiline.tag) == ["train/loss", "val/loss"]
        (name,) = (t for t in events.summary_metadata if t.endswith("session_start_info"))
        start = HParamsPluginData.FromString(events.summary_metadata[name].plugin_data.content).session_start_info
        keys.append(sorted(start.hparams))
    assert keys[0] == keys[1] == sorted(HPARAMS)


def test_runs_started_at_once_get_folders_of_their_own(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from hw1_lightning.runs.folder import create_run_folder\n"
        "for _ in range(50): print(create_run_folder(Path(sys.argv[1]), 'same'))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    folders = [line for process in processes for line in process.communicate()[0].split()]
    assert len(folders) == len(set(folders)) == 200
