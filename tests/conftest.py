"""Fixtures: tiny data, and the command line called from Python."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Before torch, as in every command: what it sets for torch's matrix products would come too late.
import hw1_lightning  # noqa: F401 # isort: skip
import hypothesis
import lightning  # noqa: F401 # in every process, so that no command says that it imports it
import numpy as np
import pytest
import torch

from hw1_lightning.cli import main

Arrays = dict[str, Any]
Capture = pytest.CaptureFixture[str]
Fit = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
SIZES = {"train": 60, "val": 12, "test": 18}


hypothesis.settings.register_profile("busy", deadline=None)  # a slow machine is not an error
hypothesis.settings.load_profile("busy")
torch.set_num_threads(1)  # tiny tensors: threads would only wait for each other


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the test of Lightning's private parts first, and skip what needs a GPU where there is none."""
    items.sort(key=lambda item: item.path.name != "test_lightning_internals.py")
    if not torch.cuda.is_available():
        for item in items:
            if "gpu" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="needs a GPU"))


@pytest.fixture(scope="session", autouse=True)
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder for the tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield tmp_path_factory.getbasetemp()


@pytest.fixture
def npz_arrays() -> Arrays:
    """What the course's file holds, in small."""
    rng = np.random.default_rng(0)
    arrays: Arrays = {}
    for split, size in SIZES.items():
        arrays[f"{split}_images"] = rng.integers(0, 256, (size, 48, 48, 3), dtype=np.uint8)
        arrays[f"{split}_labels"] = np.arange(size) % 6
    return arrays


@pytest.fixture
def npz(tmp_path: Path, npz_arrays: Arrays) -> Path:
    """A small file in the course's format."""
    path = tmp_path / "landscapes.npz"
    np.savez_compressed(path, **npz_arrays)
    return path


@pytest.fixture
def fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fit:
    """Call `hw1 fit` and return what result.json holds, with the run's folder."""

    def call(*args: str) -> dict[str, Any]:
        runs = tmp_path / "runs"
        before = set(runs.glob("*/*"))
        main(["fit", "--runs_dir", str(runs), *args])
        capsys.readouterr()
        (folder,) = set(runs.glob("*/*")) - before
        return {**json.loads((folder / "result.json").read_text()), "folder": folder}

    return call


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    """Call `hw1` with arguments that it must refuse in one line, and return the line."""

    def call(*args: str) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main(args)
        out, error = capsys.readouterr()
        assert caught.value.code == 2
        assert out == ""
        assert error.startswith("hw1: error: ")
        assert error.count("\n") == 1
        return error

    return call
