"""Shipped configs are found by name; the user's files take precedence."""

from pathlib import Path

import pytest

from hw1_lightning.errors import InputError
from hw1_lightning.shipped import (
    configs_folder,
    find_config,
    find_studies,
    find_study,
    shipped_configs,
    shipped_replications,
    shipped_studies,
)
from hw1_lightning.study.jobs import arguments_of
from hw1_lightning.study.reading import read_study
from tests.conftest import Fit, Refused

CONFIGS = Path("configs").resolve()
TINY = CONFIGS / "studies" / "extra" / "tiny.yaml"
REPORT = ["batch_size", "dropout", "l2", "learning_rate", "models", "momentum"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_yaml_file_of_the_folder_is_shipped() -> None:
    assert configs_folder() == CONFIGS
    assert {*shipped_configs().values(), shipped_replications()} == set(CONFIGS.rglob("*.yaml"))
    names = list(shipped_configs())
    assert {"mlp", "data/digits", "studies/dropout"} <= set(names)
    assert names.index("quadratic_exact") < names.index("data/digits") < names.index("studies/batch_size")


@pytest.mark.parametrize("given", ["dropout", "configs/dropout.yaml"])
def test_a_run_of_a_shipped_config_has_its_name(given: str, fit: Fit) -> None:
    run = fit("--config", given, "--config=data/digits", "--trainer.max_epochs=1", "--model.hidden_sizes=[4]")
    assert run["name"] == "dropout"
    assert "dropout: 0.25" in (run["folder"] / "config.yaml").read_text()


def test_a_file_of_the_user_takes_precedence(fit: Fit) -> None:
    Path("dropout").write_text("model: Perceptron\n")
    Path("tiny").write_text("title: mine\n")
    assert fit("-c", "dropout", "--trainer.max_epochs=1")["final"].keys() >= {"val/accuracy"}
    assert find_config("dropout") == "dropout"
    assert find_study(Path("tiny")) == Path("tiny")
    Path("configs").mkdir()
    with pytest.raises(InputError, match=r"there is no config configs/mlp.yaml"):
        find_config("configs/mlp.yaml")  # the user's folder of that name replaces hw1's


def test_a_folder_is_not_a_config() -> None:
    Path("mlp").mkdir()
    Path("tiny").mkdir()
    assert find_config("mlp") == str(CONFIGS / "mlp.yaml")
    assert find_study(Path("tiny")) == TINY


def test_no_two_shipped_studies_share_a_name() -> None:
    files = [path for path in (CONFIGS / "studies").rglob("*.yaml") if path.name != "replications.yaml"]
    assert sorted(shipped_studies().values()) == sorted(files)
    assert sorted(shipped_studies()) == sorted([*REPORT, "seeds", "tiny"])


@pytest.mark.parametrize("given", ["studies", "studies/", "configs/studies"])
def test_a_folder_of_shipped_studies_is_found(given: str) -> None:
    assert find_studies(Path(given)) == [CONFIGS / "studies" / f"{name}.yaml" for name in REPORT]
    assert find_studies(Path(given, "extra")) == [TINY.with_name("seeds.yaml"), TINY]


def test_a_folder_here_gives_its_study_files_by_name(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "replications.yaml", "._a.yaml", "notes.txt", "tiny/x.yaml"):
        Path("mine", name).parent.mkdir(parents=True, exist_ok=True)
        Path("mine", name).touch()
    assert find_studies(Path("mine")) == [Path("mine/a.yaml"), Path("mine/b.yaml")]
    assert find_studies(tmp_path / "mine") == [tmp_path / "mine/a.yaml", tmp_path / "mine/b.yaml"]
    Path("mine").rename("tiny")
    assert find_studies(Path("tiny")) == [Path("tiny/a.yaml"), Path("tiny/b.yaml")], "before the shipped study"
    Path("tiny").rename("configs")
    with pytest.raises(InputError, match=r"there is no study configs/studies"):
        find_studies(Path("configs/studies"))  # the user's folder of that name replaces hw1's
    with pytest.raises(InputError, match=r"there is no study configs/studies/tiny.yaml, .*; did you mean 'tiny'?"):
        find_studies(Path("configs/studies/tiny.yaml"))


@pytest.mark.parametrize("given", ["studies/..", "studies/../data", "data", ".", "studies/none", "/", "none"])
def test_other_folders_are_not_folders_of_studies(given: str) -> None:
    with pytest.raises(InputError, match=r"holds no study files; give a folder|there is no study"):
        find_studies(Path(given))


def test_the_folder_of_a_studys_runs_is_not_one_of_study_files() -> None:
    Path("runs/tiny/slow/seed=01").mkdir(parents=True)
    Path("runs/tiny/study.yaml").touch()
    with pytest.raises(InputError, match=r"runs/tiny holds no study files, but the runs of a study"):
        find_studies(Path("runs/tiny"))
    Path("runs/tiny").rename("tiny")
    assert find_studies(Path("tiny")) == [TINY]


def test_a_config_given_as_text_is_not_a_path(fit: Fit) -> None:
    assert fit("--config", "model: Perceptron", "--trainer.max_epochs=1")["name"] == "Perceptron"


@pytest.mark.parametrize(
    "given",
    ["tiny", "studies/tiny", "studies/extra/tiny", "configs/studies/tiny.yaml", "configs/studies/extra/tiny.yaml"],
)
def test_a_shipped_study_is_found_with_its_configs(given: str) -> None:
    study = read_study(find_study(Path(given)))
    assert study.name == "tiny"
    assert [path.resolve() for path in study.configs] == [CONFIGS / "learning_rate.yaml"]


def test_runs_of_a_shipped_study_are_repeated_by_the_name_of_its_config() -> None:
    study = read_study(find_study(Path("tiny")))
    first = [*arguments_of(study, study.conditions[0], [])]
    assert first == ["--config=learning_rate", "--model.learning_rate=1e-05", "--trainer.max_epochs=3"]
    assert find_config("learning_rate") == str(CONFIGS / "learning_rate.yaml")
    Path("learning_rate").write_text("model: Perceptron\n")
    named = arguments_of(study, study.conditions[0], [])[0]
    assert named == f"--config={CONFIGS / 'learning_rate.yaml'}", "the user's file would take precedence"


def test_a_study_of_the_user_may_name_shipped_configs() -> None:
    text = "title: t\nconfig: dropout\nbaseline: a\nconditions: {a: {}, b: {config: [mlp, mine.yaml]}}\n"
    Path("study.yaml").write_text(text)
    Path("mine.yaml").write_text("seed_everything: 3\n")
    study = read_study(Path("study.yaml"))
    assert study.configs == (CONFIGS / "dropout.yaml",)
    assert study.conditions[1].configs == (CONFIGS / "mlp.yaml", Path("mine.yaml"))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["fit", "--config", "droput"], "there is no config droput, and none of that name is shipped; did you mean"),
        (["fit", "--config", "dropout.yaml"], "did you mean 'dropout'?; `hw1 configs` lists them"),
        (["fit", "--config", "mine/some.yaml"], "there is no config mine/some.yaml, and none of that name is shipped;"),
        (["fit", "--config", "studies/dropout"], "studies/dropout is a study, not a config of one run"),
        (["fit", "--config", "configs/studies/dropout.yaml"], "run it with `hw1 study run`"),
        (["study", "run", "tinny"], "there is no study tinny, and none of that name is shipped; did you mean 'tiny'?"),
        (["study", "plan", "mlp"], "mlp is the config of one run, not a study; run it with `hw1 fit --config mlp`"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(
    args: list[str], said: str, refused: Refused, tmp_path: Path
) -> None:
    assert said in refused(*args)
    assert list(tmp_path.iterdir()) == []
