"""`hw1 configs`: the list of the shipped configs, and copies of them."""

from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.commands import configs as command
from hw1_lightning.commands.configs import first_line
from hw1_lightning.errors import InputError
from hw1_lightning.shipped import configs_folder, find_study, shipped_configs
from hw1_lightning.study.reading import read_study
from tests.conftest import Capture, Refused


@pytest.mark.parametrize("name", shipped_configs())
def test_each_config_begins_with_a_sentence_about_it(name: str) -> None:
    path = shipped_configs()[name]
    assert path.read_text().startswith("# ")
    assert first_line(path).endswith(".")
    assert len(first_line(path)) <= 100


def test_the_list_is_aligned_and_grouped(capsys: Capture) -> None:
    assert main(["configs"]) == 0
    blocks = capsys.readouterr().out.split("\n\n")
    assert [block.splitlines()[0] for block in blocks] == list(command.GROUPS.values())
    lines = [line for block in blocks for line in block.splitlines()[1:]]
    assert [line.split()[0] for line in lines] == [name for name in shipped_configs() if name != "studies/replications"]
    assert "  dropout                Question 2.2b: dropout; the report compares 0.01, 0.25 and 0.5." in lines
    assert all(line[23:25] == "  " and line[25] != " " for line in lines), "one column"


def test_copies_are_the_files_and_their_studies_work(tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "new" / "mine"
    assert main(["configs", "--copy", str(target)]) == 0
    assert capsys.readouterr().out == f"written        {len(shipped_configs())} files in {target}\n"
    written = {path.relative_to(target): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    shipped = {path.relative_to(configs_folder()): path.read_bytes() for path in shipped_configs().values()}
    assert written == shipped
    study = read_study(find_study(target / "studies" / "extra" / "tiny.yaml"))
    assert [path.resolve() for path in study.configs] == [target / "learning_rate.yaml"]


def test_a_copy_overwrites_nothing(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "studies").mkdir()
    for name in ("mlp.yaml", "studies/l2.yaml"):
        (tmp_path / name).write_text("mine")
    error = refused("configs", "--copy", str(tmp_path))
    assert f"{tmp_path}/mlp.yaml, {tmp_path}/studies/l2.yaml exist already, and nothing was copied" in error
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["l2.yaml", "mlp.yaml", "studies"]


def test_a_copy_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder must be")
    with pytest.raises(InputError, match=r"cannot be written: .*, and nothing was copied"):
        command.copy_configs(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
