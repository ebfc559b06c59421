"""Describes the machine that a run's numbers depend on: processor, matrix library, threads, device."""

import os
import platform
import re
from pathlib import Path
from typing import Any

import torch

import hw1_lightning

_CPUINFO = Path("/proc/cpuinfo")


def describe_machine(device: torch.device | str = "cpu", processes: int = 1) -> dict[str, Any]:
    """Describe the machine for result.json.

    Args:
        device: of the model in training.
        processes: how many processes train it together.

    Returns:
        The processor, its architecture, the instruction set of torch's kernels, the library of its matrix products,
        MKL's reproducibility mode (``None`` if there is none), CPU threads per process, processes and device name.
    """
    library = matrix_library(torch.__config__.show())
    kind = torch.device(device).type
    return {
        "processor": processor_name(),
        "architecture": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "matrix_library": library,
        "mkl_cbwr": _mkl_cbwr() if "MKL" in library else None,
        "threads": torch.get_num_threads(),
        "processes": processes,
        "device": torch.cuda.get_device_name(device) if kind == "cuda" else kind,
    }


def processor_name() -> str:
    """Return the processor's name with its family and model, since virtual machines shorten the name.

    Outside Linux, and where Linux gives no name, it is what ``platform`` gives.
    """
    try:
        lines = _CPUINFO.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        lines = []
    known = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    numbers = [f"{name.split()[-1]} {known[name]}" for name in ("cpu family", "model") if name in known]
    name = known.get("model name") or platform.processor() or platform.machine()
    return ", ".join([name, *numbers])


def matrix_library(config: str) -> str:
    """Return the name of torch's matrix library on CPUs, with its version if torch gives it.

    Args:
        config: the text that ``torch.__config__.show()`` returns.

    Example:
        >>> matrix_library("- Intel(R) oneAPI Math Kernel Library Version 2024.2-Product Build, BLAS_INFO=mkl")
        'Intel oneAPI MKL 2024.2'
    """
    mkl = re.search(r"Math Kernel Library Version ([\w.]+)", config)
    blas = re.search(r"BLAS_INFO=(\w+)", config)
    return f"Intel oneAPI MKL {mkl[1]}" if mkl else blas[1] if blas else "unknown"


def _mkl_cbwr() -> str | None:
    mode = os.environ.get("MKL_CBWR")
    return f"{mode}, perhaps too late" if mode and hw1_lightning.MKL_CBWR_AFTER_TORCH else mode or None
