"""Grouping runs: which are one condition, its name, and the seeds that pair runs."""

from pathlib import Path

from hw1_lightning.report.comparison_tables import options_table
from hw1_lightning.report.tables import result_rows
from hw1_lightning.study.compared import as_results
from hw1_lightning.study.grouping import Group, group_runs, options_that_differ
from hw1_lightning.study.run_folders import read_given
from tests.study.given import given


def groups_of(*folders: Path) -> list[Group]:
    return group_runs([read_given(folder) for folder in folders])


def test_runs_that_share_everything_but_the_seed_are_one_condition(tmp_path: Path) -> None:
    folders = [
        given(tmp_path / "mlp" / f"version_{2 * seed + place}", 0.5, seed, rate)
        for seed in (1, 2, 3)
        for place, rate in enumerate((0.1, 0.01))
    ]
    groups = groups_of(*folders)
    assert [group.name for group in groups] == ["learning_rate 0.1", "learning_rate 0.01"]
    assert [group.seeds for group in groups] == [[1, 2, 3]] * 2
    assert [group.vary for group in groups] == [("init", "order", "dropout")] * 2
    assert options_that_differ(groups) == ["model.learning_rate"]
    results = as_results(groups, tmp_path)
    assert [row["runs"] for row in result_rows(results)] == [3, 3]
    assert results.study.metrics == ("val/accuracy", "val/loss")


def test_names_folders_and_logging_do_not_separate_runs(tmp_path: Path) -> None:
    one = given(tmp_path / "a" / "version_0", seed=1, more="runs_dir: here\ntrain_accuracy: true\nthreads: 1\n")
    other = given(tmp_path / "b" / "version_0", seed=2, more="runs_dir: there\nnew_option: null\n")
    (group,) = groups_of(one, other)
    assert group.name == "a"


def test_other_data_or_another_torch_is_another_condition(tmp_path: Path) -> None:
    data = {"source": "Digits", "sha256": "cd" * 32, "sizes": {"train": 90, "val": 20, "test": 100}}
    groups = groups_of(
        given(tmp_path / "x" / "version_0", seed=1),
        given(tmp_path / "x" / "version_1", seed=2, result={"data": data}),
        given(tmp_path / "x" / "version_2", seed=3, result={"versions": {"hw1": "1", "torch": "2.11"}}),
    )
    assert [len(group.runs) for group in groups] == [1, 1, 1]
    assert options_that_differ(groups) == ["data"], "a run without a recorded torch version does not differ in it"
    table = options_table(as_results(groups, tmp_path))
    assert [row[1] for row in table.rows] == ["ab" * 6, "cd" * 6, "ab" * 6]


def test_data_are_equal_wherever_they_come_from(tmp_path: Path) -> None:
    folders = [given(tmp_path / name, seed=seed) for seed, name in enumerate(("here", "there"))]
    for folder in folders:
        config = folder / "config.yaml"
        source = f"{{class_path: hw1_lightning.data.sources.Landscapes, init_args: {{path: {folder.name}.npz}}}}"
        text = config.read_text().replace("{class_path: hw1_lightning.data.sources.Digits}", source)
        config.write_text(text)
    assert len(groups_of(*folders)) == 1


def test_a_repeated_run_is_a_group_of_its_own(tmp_path: Path) -> None:
    folders = [given(tmp_path / "x" / f"version_{number}", seed=seed) for number, seed in enumerate((1, 2, 1))]
    groups = groups_of(*folders)
    assert [group.seeds for group in groups] == [[1, 2], [1]]
    assert groups[1].name == folders[0].as_posix().replace("version_0", "version_2")


def test_runs_are_paired_by_the_seed_that_differs(tmp_path: Path) -> None:
    def run(name: str, seed: int, order: int, dropout: int) -> Path:
        folder = given(tmp_path / name, seed=seed, more=f"dropout_seed: {dropout}\n")
        config = folder / "config.yaml"
        config.write_text(config.read_text().replace("  seed: null", f"  seed: {order}"))
        return folder

    (orders,) = groups_of(run("a", 0, 3, 0), run("b", 0, 5, 0))
    assert (orders.seeds, orders.vary) == ([3, 5], ("order",))
    (mixed,) = groups_of(run("c", 1, 1, 0), run("d", 1, 2, 0), run("e", 2, 1, 0), run("f", 2, 2, 0))
    assert (mixed.seeds, mixed.vary) == ([1, 2, 3, 4], ("init", "order")), "combinations are numbered"


def test_runs_with_other_split_seeds_are_one_group(tmp_path: Path) -> None:
    folders = [given(tmp_path / f"{seed}", seed=seed) for seed in (1, 2)]
    for seed, folder in enumerate(folders, start=1):
        config = folder / "config.yaml"
        config.write_text(config.read_text().replace("  seed: null", f"  split_seed: {seed}"))
    (group,) = groups_of(*folders)
    assert group.vary == ("init", "order", "dropout", "split")


def test_a_run_without_a_result_joins_its_group(tmp_path: Path) -> None:
    done, begun = given(tmp_path / "a", seed=1), given(tmp_path / "b", seed=2)
    (begun / "result.json").unlink()
    (group,) = groups_of(begun, done)
    assert [run.problem for run in group.runs] == ["", "unfinished"]
    assert [run.seed for run in as_results([group], tmp_path).runs] == [1]


def test_groups_with_long_names_are_named_after_folders_and_links_are_unique(tmp_path: Path) -> None:
    long = [given(tmp_path / "x" / f"version_{n}", rate=n, more=f"other: {'y' * 20}{n}\n") for n in (1, 2)]
    for folder in long:
        config = folder / "config.yaml"
        config.write_text(config.read_text().replace("dropout: 0.25", f"momentum_of_the_optimiser: {folder.name}"))
    assert [group.name for group in groups_of(*long)] == [folder.as_posix() for folder in long]
    alike = [given(tmp_path / name, rate=rate) for name, rate in (("a b", 1.0), ("a_b", 2.0))]
    assert [group.name for group in groups_of(*alike)] == ["a b", "a_b (2)"]


def test_a_missing_option_is_named_as_missing(tmp_path: Path) -> None:
    change = "history: [{option: model.learning_rate, old: 0.1, new: 0.2, epoch: 2}]\n"
    groups = groups_of(
        given(tmp_path / "mlp" / "version_0", more=change), given(tmp_path / "mlp" / "version_1", dropout=0.5)
    )
    assert groups[1].name == "dropout 0.5, no history"
