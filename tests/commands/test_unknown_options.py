"""Messages about options that do not exist: in studies, without a model, inside values."""

from pathlib import Path

import pytest

from hw1_lightning.commands.parser.unknown_options import arguments, similar
from hw1_lightning.models import MLP, LogisticRegression
from tests.conftest import Refused

OPTIONS = ["trainer.max_epochs", "trainer.min_epochs", "model.dropout", "dropout_seed", "data.seed", "seed_everything"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("dropout", ["model.dropout", "dropout_seed"]),
        ("modle.dropout", ["model.dropout", "dropout_seed"]),
        ("dropuot", ["model.dropout"]),
        ("epochs", ["trainer.max_epochs", "trainer.min_epochs"]),
        ("seed", ["data.seed", "seed_everything", "dropout_seed"]),
        ("nothing", []),
    ],
)
def test_similar_options(name: str, found: list[str]) -> None:
    assert similar(name, OPTIONS) == found


def test_arguments_of_a_class_include_those_of_its_bases_and_none_of_the_data() -> None:
    assert {"link", "l1_penalty", "learning_rate"} <= set(arguments(LogisticRegression))
    assert {"dropout", "learning_rate"} <= set(arguments(MLP))
    assert "num_classes" not in arguments(MLP)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            "model.dropout: 0.1",
            "no model is chosen that has the option 'dropout'; give --config FILE (see `hw1 configs`)",
        ),
        ("model.init_args: 3", "no model is chosen that has the option 'init_args'"),
        ("model.optimizer.lr: 3", "no model is chosen that has the option 'optimizer.lr'"),
        ("trainer.logger.foo: 3", "unknown option 'trainer.logger.foo'; trainer.logger itself must be"),
        ("name.foo: 3", "unknown option 'name.foo'; name itself must be str or null"),
        ("dropout: 0.1", "unknown option '--dropout'; did you mean '--model.dropout' or '--dropout_seed'?"),
    ],
)
def test_a_condition_without_a_model_and_with_an_unknown_option_gets_its_line(
    option: str, message: str, tmp_path: Path, refused: Refused
) -> None:
    study = tmp_path / "study.yaml"
    study.write_text(f"title: t\nbaseline: a\nconditions:\n  a:\n    {option}\n  b: {{}}\n")
    error = refused("study", "run", str(study), "--runs_dir", str(tmp_path / "runs"))
    assert f"{study}:5: condition 'a': {message}" in error
    assert "NestedArg" not in error
    assert not (tmp_path / "runs").exists()


def test_help_of_an_unknown_class_names_it(refused: Refused) -> None:
    assert refused("fit", "--data.source.help", "NPZ") == "hw1: error: unknown class 'NPZ'\n"
