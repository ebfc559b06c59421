"""What a run's numbers depend on, apart from its options and the versions: the machine and how it computes."""

import os
import platform
import re
from pathlib import Path
from typing import Any

import torch

import hw1_lightning

_CPUINFO = Path("/proc/cpuinfo")


def machine(device: torch.device | str = "cpu", processes: int = 1) -> dict[str, Any]:
    """Describe the machine for result.json.

    Args:
        device: where the model is trained.
        processes: how many processes train it together.

    Returns:
        The processor, its architecture, the instructions that torch's kernels use, the library of its matrix products,
        MKL's mode of reproducible numbers (``None``: none, or another library), CPU threads of each process, processes,
        and the device's name.
    """
    library = matrix_library(torch.__config__.show())
    on_gpu = torch.device(device).type == "cuda"
    return {
        "processor": processor(),
        "architecture": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "matrix_library": library,
        "mkl_cbwr": _mkl_cbwr() if "MKL" in library else None,
        "threads": torch.get_num_threads(),
        "processes": processes,
        "device": torch.cuda.get_device_name(device) if on_gpu else torch.device(device).type,
    }


def processor() -> str:
    """The processor's name with its family and model, since virtual machines shorten the name.

    Returns:
        The name; outside of Linux, and where Linux gives none, the little that Python knows.
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
    """The library of torch's matrix products on a CPU, with its version where torch says it.

    Args:
        config: what ``torch.__config__.show()`` returns.

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
