"""`--seed_everything true`: a random seed is printed and recorded, and repeats the run."""

import json
import re
from pathlib import Path

import yaml

from hw1_lightning.cli import main
from tests.conftest import Capture

SHORT = ["fit", "--config=mlp", "--model.hidden_sizes=[4]", "--trainer.max_epochs=1"]


def test_a_random_seed_is_drawn_printed_and_repeats_the_run(tmp_path: Path, capsys: Capture) -> None:
    seeds = []
    for version in range(2):
        assert main([*SHORT, "--seed_everything=true", f"--runs_dir={tmp_path}"]) == 0
        line = r"(?m)^seed +(\d+), drawn at random; --seed_everything \1 repeats the run$"
        message = re.search(line, capsys.readouterr().out)
        assert message is not None
        seeds.append(int(message[1]))
        folder = tmp_path / "mlp" / f"version_{version}"
        assert yaml.safe_load((folder / "config.yaml").read_text())["seed_everything"] == seeds[-1]
        assert json.loads((folder / "result.json").read_text())["seed"] == seeds[-1]
    assert seeds[0] != seeds[1], "one in four billion"
    main(
        ["fit", f"--config={tmp_path / 'mlp' / 'version_0' / 'config.yaml'}", f"--runs_dir={tmp_path}", "--name=again"]
    )
    assert "drawn at random" not in capsys.readouterr().out
    again = tmp_path / "again" / "version_0" / "metrics.csv"
    assert again.read_text() == (tmp_path / "mlp" / "version_0" / "metrics.csv").read_text()
