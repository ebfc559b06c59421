"""The catalogue: every entry concerns an experiment that hw1 ships, and changes something that can be run."""

from pathlib import Path

import pytest

from hw1_lightning.commands.diagnosing.prepared import Prepared, prepare
from hw1_lightning.diagnosis.catalogue.whole import CATALOGUE
from hw1_lightning.diagnosis.hypotheses import MISTAKEN, hypotheses
from hw1_lightning.diagnosis.reported import Experiment, Number, Report

CONFIGS = ("perceptron", "logistic_online", "l2", "mlp_online", "logistic_regression", "mlp", "momentum")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Prepared]:
    number = Number("val/accuracy", 0.5, 0.1)
    experiments = tuple(Experiment(config, (config,), {}, (number,)) for config in CONFIGS)
    report = Report(Path("reported.yaml"), "made up", 42, experiments)
    found, _ = prepare(report, [], tmp_path_factory.mktemp("cache"))
    return {one.experiment.name: one for one in found}


def test_names_are_unique_and_advice_says_where_to_look() -> None:
    names = [mistake.name for mistake in CATALOGUE]
    assert len(set(names)) == len(names) >= 30
    for mistake in CATALOGUE:
        assert mistake.advice.startswith(("Look ", "Count "))
        assert mistake.advice.endswith(".")


def test_no_entry_accuses() -> None:
    words = " ".join(f"{mistake.name} {mistake.advice} {mistake.said}" for mistake in CATALOGUE).lower()
    assert not any(word in words for word in ("cheat", "copied", "plagiar", "fraud", "dishonest", "fake"))


def test_every_entry_concerns_a_shipped_experiment(prepared: dict[str, Prepared]) -> None:
    concerned = {
        name for one in prepared.values() for each in hypotheses(one.options, CATALOGUE) for name in each.mistakes
    }
    assert concerned == {mistake.name for mistake in CATALOGUE}


@pytest.mark.parametrize("config", CONFIGS)
def test_every_variant_is_a_run_of_its_own(config: str, prepared: dict[str, Prepared]) -> None:
    one = prepared[config]
    found = hypotheses(one.options, CATALOGUE)
    runs = {(one.job(42, each.change).identity, each.change.readings) for each in found}
    assert len(runs) == len(found)
    assert (one.job(42).identity, ()) not in runs


@pytest.mark.parametrize("config", CONFIGS)
def test_probabilities_beforehand_are_shared_by_mistakes_and_variants(
    config: str, prepared: dict[str, Prepared]
) -> None:
    found = hypotheses(prepared[config].options, CATALOGUE)
    of_each: dict[tuple[str, ...], float] = {}
    for each in found:
        of_each[each.mistakes] = of_each.get(each.mistakes, 0.0) + each.prior
    assert sum(of_each.values()) == pytest.approx(MISTAKEN)
    assert max(of_each.values()) == pytest.approx(min(of_each.values()))


def test_a_mistake_concerns_only_where_it_can_happen(prepared: dict[str, Prepared]) -> None:
    names = {
        config: {each.mistakes[0] for each in hypotheses(one.options, CATALOGUE)} for config, one in prepared.items()
    }
    assert "dropout missing" in names["mlp"]
    assert "dropout missing" not in names["mlp_online"]
    assert "penalty with the wrong sign" in names["l2"]
    assert "penalty with the wrong sign" not in names["logistic_online"]
    assert "steps times the label" in names["perceptron"]
    assert "steps times the label" not in names["logistic_regression"]
    assert "gradients not zeroed" not in names["perceptron"]
