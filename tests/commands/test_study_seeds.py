"""What varies with the seed: the division into splits, and seeds without effect, which are refused."""

import json
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.commands.studies.preparation import plan_runs
from hw1_lightning.study.jobs import seed_arguments
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.results import read_runs
from hw1_lightning.study.specification import Condition
from tests.commands.studies import write_study
from tests.conftest import Refused


def study_file(folder: Path, b: str, config: str = "learning_rate", seeds: int = 3) -> Path:
    config_path = Path(f"configs/{config}.yaml").resolve()
    return write_study(folder / "study.yaml", "{trainer.max_epochs: 1}", f"\n    {b}", config_path, seeds)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("vary: [dropout]", "dropout (it has no dropout)"),
        ("{vary: [dropout], model: MLP, model.dropout: 1}", "dropout (it has no dropout)"),
        ("{vary: [init], model.init: zeros}", "init (its initial weights are not random)"),
        ("{vary: [init, dropout], model: Perceptron}", "init (its initial weights are not random), dropout (it has no"),
        ("{vary: [order], data.batch_size: 2000}", "order (each step takes the whole training split, 1257 examples)"),
        ("{vary: [order], trainer.overfit_batches: 2}", "order (its examples keep their order)"),
        ("{model.init: zeros, data.batch_size: 1257}", "init (its initial weights are not random), order (each step"),
    ],
)
def test_seeds_that_change_nothing_are_refused(condition: str, words: str, tmp_path: Path, refused: Refused) -> None:
    path = study_file(tmp_path, condition)
    for command in ("run", "plan"):
        error = refused("study", command, str(path), "--runs_dir", str(tmp_path / "runs"))
        assert "condition 'b' would give the same numbers with all 3 seeds: it does not depend on" in error
        assert words in error
    assert ("study.yaml:8: " in error) == ("vary" in condition)
    assert not (tmp_path / "runs").exists()


def test_the_closed_form_depends_on_no_seed(tmp_path: Path, refused: Refused) -> None:
    path = study_file(tmp_path, "{model: QuadraticRegression}", "quadratic")
    path.write_text(path.read_text().replace("seeds: 3\n", "seeds: 3\nmetrics: [val/mse]\n"))
    assert "order (it does not depend on the order of examples)" in refused("study", "plan", str(path))
    path.write_text(
        path.read_text().replace("{model: QuadraticRegression}", "{model: QuadraticRegression, vary: [split]}")
    )
    assert len(plan_runs(read_study(path), 3, [], tmp_path).jobs) == 6


@pytest.mark.parametrize(
    ("condition", "seeds"),
    [
        ("{vary: [dropout]}", 1),
        ("{vary: [dropout, order]}", 2),
        ("{vary: [split]}", 2),
        ("{vary: [order], model: MLP, model.dropout: 0.5, data.batch_size: 2000}", 2),
        ("{vary: [init], data.batch_size: 2000}", 2),
    ],
)
def test_seeds_that_change_something_or_are_one_are_not(condition: str, seeds: int, tmp_path: Path) -> None:
    assert len(plan_runs(read_study(study_file(tmp_path, condition)), seeds, [], tmp_path).jobs) == 2 * seeds


def test_what_varies_gets_the_seed_and_the_division_only_if_it_does() -> None:
    def arguments(*vary: str) -> list[str]:
        return seed_arguments(Condition("c", {}, vary=vary), 7)

    assert seed_arguments(Condition("c", {}), 7) == arguments("init", "order", "dropout") == ["--seed_everything=7"]
    assert arguments("split") == ["--seed_everything=0", "--data.split_seed=7"]
    assert arguments("init", "order", "dropout", "split") == ["--seed_everything=7", "--data.split_seed=7"]
    others = ["--seed_everything=0", "--data.seed=7", "--dropout_seed=0", "--data.split_seed=7"]
    assert arguments("order", "split") == others


@pytest.mark.slow
def test_a_study_varies_its_split(tmp_path: Path) -> None:
    path = study_file(tmp_path, "{vary: [init, order, dropout, split], trainer.max_epochs: 1}", seeds=2)
    assert main(["study", "run", str(path), "--runs_dir", str(tmp_path), "--workers", "2"]) == 0
    results = read_runs(read_study(tmp_path / "study" / "study.yaml", "study"), tmp_path / "study")
    assert results.divided(["b"]) == {True}
    assert results.study.condition("b").vary == ("init", "order", "dropout", "split")
    assert results.share_validation == 180 / 1257
    recorded = [json.loads((run.folder / "result.json").read_text())["split_seed"] for run in results.runs]
    assert recorded == [None, None, 1, 2]
    assert len({run.result["data"]["sha256"] for run in results.runs}) == 1
    losses = {(run.condition, run.seed): run.quantity("train/loss") for run in results.runs}
    assert losses["a", 1] != losses["b", 1], "other training examples"


def test_generated_examples_have_no_division(tmp_path: Path, refused: Refused) -> None:
    path = study_file(tmp_path, "vary: [split]", "quadratic")
    path.write_text(path.read_text().replace("seeds: 3\n", "seeds: 3\nmetrics: [val/mse]\n"))
    error = refused("study", "plan", str(path), "--data.source=Teacher")
    assert "condition 'b': --data.split_seed is 1, but Teacher generates its examples" in error
