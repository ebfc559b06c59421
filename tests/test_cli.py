"""The command line: help, version, and one line for every error."""

from pathlib import Path

import pytest

from hw1_lightning import __version__
from hw1_lightning.cli import main
from tests.conftest import Refused


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"hw1 {__version__}\n"


def test_help_of_fit_lists_all_groups_of_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["fit", "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    places = [text.index(part) for part in ("--name", "\nmodel:", "\ndata:", "\ntrainer:", "--trainer.max_epochs")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("args", "usage"),
    [
        (["fit", "--bad", "3", "-h"], "usage: hw1 fit "),
        (["fit", "--config", "missing.yaml", "-h"], "usage: hw1 fit "),
        (["fit", "--model", "MPL", "--help"], "usage: hw1 fit "),
        (["study", "run", "none.yaml", "--seeds", "0", "-h"], "usage: hw1 study run "),
        (["export", "--bad", "-h"], "usage: hw1 export "),
        (["--bad", "-h"], "usage: hw1 [--help]"),
    ],
)
def test_help_is_printed_whatever_is_wrong_with_the_other_options(
    args: list[str], usage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status: object = None
    try:
        status = main(args)
    except SystemExit as end:
        status = end.code
    captured = capsys.readouterr()
    assert status == 0
    assert captured.out.startswith(usage)
    assert captured.err == ""


EXACT = Path("configs/quadratic_exact.yaml").resolve()
NO_FILE = ["--data.source=Landscapes", "--data.source.path=none.npz"]
ERRORS: list[tuple[list[str], list[str]]] = [
    (["fti"], ["unknown command 'fti'; allowed are", "did you mean 'fit'?"]),
    (["fit"], ["no model is chosen", "--config FILE", "LogisticRegression, MLP"]),
    (["fit", "--config=none.yaml"], ["none.yaml"]),
    (["fit", "--model=MPL"], ["'MPL'", "LogisticRegression, MLP", "did you mean 'MLP'?"]),
    (["fit", "--model=MLP", "--model.dropuot=0.3"], ["MLP has no option 'dropuot'; did you mean 'dropout'?"]),
    (["fit", "--model=MLP", "--dropout=0.3"], ["unknown option '--dropout'; did you mean '--model.dropout' or"]),
    (["fit", "--model=MLP", "--dropuot", "0.3"], ["'--dropuot'; did you mean '--model.dropout'?"]),
    (["fit", "--model=MLP", "--seed=3"], ["'--data.seed', '--data.source.seed' or '--seed_everything'?"]),
    (
        ["fit", "--model=MLP", "--data.source=ImageFolder", "--data.source.size=8"],
        ["ImageFolder has no option 'size'; did you mean 'image_size'?"],
    ),
    (
        ["fit", "--model=MLP", "--data.source.size=8"],
        ["Digits has no option 'size', but ImageFolder has 'image_size'; `--data.source.help Digits`"],
    ),
    (
        ["fit", "--model=Perceptron", "--model.dropout=0.5"],
        ["Perceptron has no option 'dropout', but "],
    ),
    (["fit", "--model.dropout=0.5"], ["no model is chosen that has the option 'dropout'; give --config FILE (see"]),
    (["fit", "--model=MLP", "--model.optimizer.lr=3"], ["unknown option 'optimizer.lr'; optimizer itself must be"]),
    (["fit", "--model=MLP", "--optimizer.lr=3"], ["no optimizer is chosen that has the option 'lr'"]),
    (["fit", "--model=MLP", "--name.x=3"], ["unknown option 'name.x'; name itself must be str or null"]),
    (["fit", "--model=MLP", "--model.dropout=abc"], ["dropout is abc", "float"]),
    (["fit", "--model=MLP", "--model.dropout=2"], ["dropout is 2.0; it must be from 0 to 1"]),
    (["fit", "--model=MLP", "--model.learning_rate=nan"], ["learning_rate is nan"]),
    (["fit", "--model=MLP", "--model.learning_rate=-1"], ["learning_rate is -1.0", "at least 0"]),
    (["fit", "--model=MLP", "--model.optimizer=Adem"], ["'Adem'", "did you mean 'Adam'?"]),
    (["fit", "--model=MLP", "--model.activation=rellu"], ["activation is rellu; it must be 'relu' or 'tanh'"]),
    (
        ["fit", "--model=MLP", "--data.source=Digitz"],
        ["'Digitz'", "Digits, ImageFolder, Landscapes", "did you mean 'Digits'?"],
    ),
    (["fit", "--model=MLP", "--data.source=Landscapes"], ["path is missing"]),
    (["fit", "--model=MLP", "--data.source=Diabetes"], ["MLP requires classes", "choose --model QuadraticNetwork"]),
    (
        ["fit", "--model=QuadraticNetwork"],
        ["the targets of this data are classes", "choose --data.source Diabetes or Teacher"],
    ),
    (
        ["fit", "--config", str(EXACT), "--train_accuracy=true"],
        ["train_accuracy is true", "QuadraticRegression is not a classifier"],
    ),
    (["fit", "--config", str(EXACT), "--model.learning_rate=1"], ["has no option 'learning_rate'", "--model.help"]),
    (
        [
            "fit",
            "--config",
            str(EXACT),
            "--trainer.callbacks=EarlyStopping",
            "--trainer.callbacks.monitor=val/accuracy",
        ],
        ["EarlyStopping monitors 'val/accuracy'", "val/mse, val/r2"],
    ),
    (["fit", "--config", str(EXACT), "--model.ridge=-1"], ["ridge is -1.0; it must be a finite number of at least 0"]),
    (["fit", "--model=MLP", *NO_FILE], ["no file none.npz", "course"]),
    (["fit", "--model=MLP", "--model.hidden_sizes=[1000000000]"], ["75,000,000,010 parameters", "choose fewer units"]),
    (["fit", "--model=QuadraticNetwork", "--data.source=Teacher", "--data.source.n_inputs=1000000000"], ["GiB"]),
    (["fit", "--model=MLP", "--threads=0"], ["threads is 0; it must be a whole number from 1 to 1024"]),
    (["fit", "--model=MLP", f"--seed_everything={10**20}"], ["it must be a whole number from 0 to 4294967295"]),
    (["fit", "--model=MLP", "--data.batch_size=0"], ["batch_size is 0; it must be at least 1"]),
    (["fit", "--model=MLP", "--data.batchsize=3"], ["did you mean '--data.batch_size'?"]),
    (["fit", "--model=MLP", "--trainer.max_epoch=3"], ["did you mean '--trainer.max_epochs'?"]),
    (["fit", "--model=MLP", "--trainer.max_epochs=x"], ["trainer.max_epochs is x; it must be int or null"]),
    (["fit", "--model=MLP", "--trainer.max_epochs=-7"], ["-7"]),
    (["fit", "--model=MLP", "--trainer.max_epochs=0"], ["trainer.max_epochs is 0: there is nothing to train"]),
    (["fit", "--model=MLP", "--seed_everything=false"], ["seed_everything is false", "0 to 4294967295, or true for a"]),
    (
        ["fit", "--model=MLP", "--test_weights=best", "--trainer.enable_checkpointing=false"],
        ["test_weights is best, but trainer.enable_checkpointing is false", "choose final"],
    ),
    (
        ["fit", "--model=MLP", "--test_weights=best", "--trainer.max_epochs=3", "--trainer.check_val_every_n_epoch=4"],
        ["check_val_every_n_epoch is 4 and training ends after epoch 3, before the first validation"],
    ),
    (["fit", "--model=MLP", "--trainer.limit_train_batches=0"], ["limit_train_batches is 0", "nothing to train"]),
    (["fit", "--model=MLP", "--trainer.precision=16-mixed"], ["16-mixed", "bf16-mixed"]),
    (
        ["fit", "--model=MLP", "--trainer.callbacks=EarlyStopping", "--trainer.callbacks.monitor=val/acuracy"],
        ["EarlyStopping monitors 'val/acuracy'", "did you mean 'val/accuracy'?"],
    ),
    (["fit", "--model=MLP", "--name=../elsewhere"], ["name is '../elsewhere'"]),
    (["fit", "--model=MLP", "--runs_dir=/dev/null/runs"], ["/dev/null/runs", "--runs_dir"]),
    (["fit", "--model=MLP", "--ckpt_path=none.ckpt"], ["no checkpoint none.ckpt"]),
    (["test", "--model=MLP"], ["give --ckpt_path"]),
    (["test", "--model=MLP", "--ckpt_path=none.ckpt"], ["no checkpoint none.ckpt"]),
]


@pytest.mark.parametrize(("args", "said"), ERRORS, ids=lambda value: " ".join(value) if value else "")
def test_an_error_is_one_line_with_status_2_and_leaves_no_file(
    args: list[str],
    said: list[str],
    refused: Refused,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    err = refused(*args)
    for part in said:
        assert part in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model:\n  class_path: MLP\n  init_args:\n    dropuot: 0.3\n", "did you mean 'dropout'?"),
        ("modle:\n  class_path: MLP\n", "did you mean 'model'?"),
        ("model:\n  class_path: MLPP\n", "did you mean 'MLP'?"),
        ("model: [\n", "line 2"),
        ("- 1\n- 2\n", "Unexpected config"),
        ("model: &a {class_path: MLP, init_args: *a}\n", "aliases (*name) are not allowed"),
        ("x: &a [1]\nmodel: MLP\ntrainer: {devices: *a}\n", "aliases (*name) are not allowed"),
        ("model: " + "[" * 2000, "brackets are nested more than 100 deep"),
        ("model:\n  class_path: MLP\n  init_args:\n    learning_rate: null\n", "learning_rate is None"),
        ("model: MLP\ntrainer: 3\n", "trainer is 3; it must be a mapping of its options"),
    ],
)
def test_an_error_in_a_config_is_one_line(text: str, said: str, tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    assert said in refused("fit", "--config", str(path))
