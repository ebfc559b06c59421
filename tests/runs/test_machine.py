import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from hw1_lightning.runs import machine as module
from hw1_lightning.runs.machine import describe_machine, matrix_library, processor_name
from tests.conftest import Fit

# Intel documents the strict mode for processors with AVX2 or AVX-512; the environment may set another mode.
STRICT = (
    "MKL" in matrix_library(torch.__config__.show())
    and torch.backends.cpu.get_cpu_capability() in {"AVX2", "AVX512"}
    and os.environ["MKL_CBWR"] == "AUTO,STRICT"
)
PRINT = "import hw1_lightning, os; print(repr(os.environ['MKL_CBWR']))"


@pytest.mark.parametrize(
    ("given", "kept"), [(None, "AUTO,STRICT"), ("COMPATIBLE", "COMPATIBLE"), ("", "")], ids=["none", "own", "empty"]
)
def test_importing_hw1_sets_mkl_cbwr_unless_the_user_has(given: str | None, kept: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "MKL_CBWR"}
    environment |= {} if given is None else {"MKL_CBWR": given}
    done = subprocess.run([sys.executable, "-c", PRINT], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == repr(kept)


@pytest.mark.skipif(not STRICT, reason="requires MKL in strict mode and AVX2")
@pytest.mark.parametrize("config", ["mlp", "learning_rate"])
def test_one_thread_and_two_give_the_same_numbers(config: str, fit: Fit, npz: Path) -> None:
    options = [f"--config=configs/{config}.yaml", "--trainer.max_epochs=3"]
    if config == "learning_rate":
        options += ["--data.source=Landscapes", f"--data.source.path={npz}", "--model.learning_rate=0.1"]
    one, two = (fit(*options, f"--threads={count}") for count in (1, 2))
    assert [run["machine"]["threads"] for run in (one, two)] == [1, 2]
    assert (one["folder"] / "metrics.csv").read_bytes() == (two["folder"] / "metrics.csv").read_bytes()
    assert (one["final"], one["test"]) == (two["final"], two["test"])


def test_result_json_has_what_the_numbers_depend_on(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    monkeypatch.setattr("hw1_lightning.MKL_CBWR_AFTER_TORCH", False)
    result = fit("--config=configs/mlp.yaml", "--trainer.max_epochs=1", "--model.hidden_sizes=[8]", "--threads=1")
    library = matrix_library(torch.__config__.show())
    assert result["machine"] == {
        "processor": processor_name(),
        "architecture": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "matrix_library": library,
        "mkl_cbwr": "AVX2" if "MKL" in library else None,
        "threads": 1,
        "processes": 1,
        "device": "cpu",
    }
    assert set(result["versions"]) == {"hw1", "python", "torch", "lightning", "numpy", "numba"}


def test_a_mode_set_after_torch_was_imported_is_recorded_as_doubtful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "matrix_library", lambda _: "Intel oneAPI MKL 2024.2")
    monkeypatch.setenv("MKL_CBWR", "AUTO,STRICT")
    monkeypatch.setattr("hw1_lightning.MKL_CBWR_AFTER_TORCH", True)
    assert describe_machine()["mkl_cbwr"] == "AUTO,STRICT, perhaps too late"
    monkeypatch.setenv("MKL_CBWR", "")
    assert describe_machine()["mkl_cbwr"] is None


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        ("cpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD EPYC\n\nmodel name\t: B\n", "AMD EPYC, family 26, model 2"),
        ("processor\t: 0\nCPU part\t: 0xd0c\n", platform.processor() or platform.machine()),
        (None, platform.processor() or platform.machine()),
    ],
    ids=["x86", "arm", "no_file"],
)
def test_the_processor_has_its_name_family_and_model(
    cpuinfo: str | None, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if cpuinfo is not None:
        (tmp_path / "cpuinfo").write_text(cpuinfo)
    monkeypatch.setattr(module, "_CPUINFO", tmp_path / "cpuinfo")
    assert processor_name() == name


def test_other_matrix_libraries_have_the_name_that_torch_gives() -> None:
    assert matrix_library("Build settings: BLAS_INFO=accelerate, BUILD_TYPE=Release") == "accelerate"
    assert matrix_library("nothing") == "unknown"
