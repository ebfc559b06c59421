"""`hw1 diagnose`: its arguments and what it writes, with made-up diagnoses in place of the engine's."""

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.commands import diagnose as command
from hw1_lightning.diagnosis.answers import Diagnosis
from hw1_lightning.diagnosis.reported import Report
from hw1_lightning.errors import InputError
from tests.conftest import Capture, Refused
from tests.diagnosis.made_up import made_up

REPORT = "title: {}\nexperiments: {{a: {{config: perceptron, reported: {{test/accuracy: 0.3743}}}}}}\n"
Asked = list[tuple[Report, Sequence[str], argparse.Namespace]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Replace the engine; return what it is asked."""
    asked: Asked = []

    def diagnose(report: Report, further: Sequence[str], options: argparse.Namespace) -> Diagnosis:
        asked.append((report, further, options))
        if report.title == "damaged":
            raise InputError(f"{report.path}:2: model.hidden_sizes is 0")
        diagnosis = made_up()
        return replace(diagnosis, report=replace(diagnosis.report, path=report.path, title=report.title))

    monkeypatch.setattr(command, "_diagnose", diagnose)
    return asked


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A report in the current folder."""
    monkeypatch.chdir(tmp_path)
    return write("group_k", "Group K")


def write(name: str, title: str) -> Path:
    path = Path(f"{name}.yaml")
    path.parent.mkdir(exist_ok=True)
    path.write_text(REPORT.format(title))
    return path


def test_a_report_is_diagnosed_printed_and_drawn(report: Path, asked: Asked, capsys: Capture) -> None:
    data = ["--config", "data/landscapes", "--data.source.path", "FILE"]
    assert main(["diagnose", str(report), "--workers", "3", *data]) == 0
    ((given, further, options),) = asked
    assert (given.title, given.path, list(further)) == ("Group K", report, data)
    assert (options.workers, options.runs_dir) == (3, Path("runs"))
    out = capsys.readouterr().out
    assert out.startswith("report         group_k.yaml: Group K, seed 42\n")
    assert out.endswith("it proves nothing about a person.\npage           runs/diagnosis/group_k.html\n")
    assert "<h1>Of 6 experiments" in Path("runs/diagnosis/group_k.html").read_text()


def test_the_page_may_be_elsewhere_and_replaces_an_older_one(report: Path, asked: Asked, capsys: Capture) -> None:
    for _ in range(2):
        assert main(["diagnose", str(report), "--page", "new/page.html", "--runs_dir", "other"]) == 0
    assert len(asked) == 2
    assert capsys.readouterr().out.endswith("page           new/page.html\n")
    assert not Path("other").exists()


def test_json_is_the_only_output(report: Path, asked: Asked, capsys: Capture) -> None:
    other = write("group_d", "Group D")
    assert main(["diagnose", str(report), str(other), "--format", "json", "--out", "scores.csv"]) == 0
    printed = capsys.readouterr()
    assert [each["title"] for each in json.loads(printed.out)["reports"]] == ["Group K", "Group D"]
    pages = "".join(f"page           runs/diagnosis/{name}.html\n" for name in ("group_k", "group_d"))
    assert printed.err.endswith(f"{pages}scores         scores.csv\n")
    assert len(asked) == 2


def test_an_error_in_one_report_does_not_stop_the_others(report: Path, asked: Asked, capsys: Capture) -> None:
    names = [str(write("damaged", "damaged")), str(report)]
    assert main(["diagnose", *names, "--out", "scores.csv"]) == 2
    printed = capsys.readouterr()
    assert "hw1: error: damaged.yaml:2: model.hidden_sizes is 0\n" in printed.err
    assert len(asked) == 2
    with Path("scores.csv").open(newline="") as file:
        assert {row["title"] for row in csv.DictReader(file)} == {"Group K"}


def test_an_error_in_the_only_report_ends_the_command(report: Path, asked: Asked, refused: Refused) -> None:
    assert "damaged.yaml:2: model.hidden_sizes is 0" in refused("diagnose", str(write("damaged", "damaged")))
    assert len(asked) == 1


def test_mistakes_are_refused_before_the_first_run(report: Path, asked: Asked, refused: Refused) -> None:
    same = write("again/Group_K", "Group K")
    damaged = Path("damaged.yaml")
    damaged.write_text(REPORT.format("x").replace("test/accuracy", "test/acuracy"))
    Path("notes.csv").write_text("a,b\n")
    name = str(report)
    for words, args in (
        ("damaged.yaml:2: 'test/acuracy' is not a metric", [name, "damaged.yaml"]),
        ("none.yaml cannot be read: No such file or directory", [name, "none.yaml"]),
        ("group_k.yaml and again/Group_K.yaml would have the same page, Group_K.html; rename one", [name, str(same)]),
        ("group_k.yaml is given twice", [name, f"./{name}"]),
        ("--page is p.html, but there are 2 reports; each has a page", [name, "other.yaml", "--page", "p.html"]),
        ("the page notes.csv exists and is not a page of hw1 diagnose", [name, "--page", "notes.csv"]),
        ("--out is notes.csv, which exists and holds no scores", [name, "--out", "notes.csv"]),
        ("--out is none/s.csv, but the folder none does not exist", [name, "--out", "none/s.csv"]),
        ("--format is 'jsn'; allowed are text, json; did you mean 'json'?", [name, "--format", "jsn"]),
        ("--workers is '0'; it must be a whole number of at least 1", [name, "--workers", "0"]),
        ("'other.yaml' is not an option; reports come first, then the options", [name, "--config", "x", "other.yaml"]),
        ("--seed_everything cannot be set for a diagnosis: `seed` in", [name, "--seed_everything", "3"]),
        ("--ckpt_path cannot be set for a diagnosis", [name, "--ckpt_path=last"]),
        ("the following arguments are required: FILE", []),
    ):
        assert words in refused("diagnose", *args)
    assert asked == []
    assert not Path("runs").exists()


def test_help_has_examples_and_says_what_it_is_for(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as end:
        main(["diagnose", "--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "hw1 diagnose submissions/*.yaml --out scores.csv" in text
    assert "It is for learning" in text
