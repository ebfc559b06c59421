"""Kill runs at random moments and resume them: `python -m benchmarks.kills --count 100`.

A run that was killed and resumed must leave the same files as one that was not: bit-identical weights in both
checkpoints, an identical metrics.csv, the same curves in TensorBoard, and the same result.json except for the seconds.
"""

import argparse
import contextlib
import io
import json
import logging
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from hw1_lightning.cli import main as hw1
from hw1_lightning.runs.checkpoints import read_checkpoint

CASES = {
    "logistic regression": ["--config=configs/learning_rate.yaml", "--trainer.max_epochs=200"],
    "MLP, dropout and momentum": [
        "--config=configs/dropout.yaml",
        "--model.momentum=0.9",
        "--trainer.max_epochs=80",
        "--model.lr_scheduler=ReduceLROnPlateau",
    ],
    "one example at a time": ["--config=configs/l2.yaml", "--trainer.max_epochs=200"],
    "perceptron": ["--config=configs/perceptron.yaml", "--trainer.max_epochs=400"],
}
PHASES = ("before the first last.ckpt", "in training", "after the end")


def command(runs: Path, options: Sequence[str]) -> list[str]:
    """Return the arguments of a run named ``run``."""
    return ["fit", "--name=run", f"--runs_dir={runs}", *options]


def outputs(folder: Path) -> dict[str, Any]:
    """Return everything in a run's folder that must not depend on interruptions."""
    result = json.loads((folder / "result.json").read_text())
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    curves = {
        tag: {(event.step, event.value) for event in events.Scalars(tag)}  # the last values may be logged twice
        for tag in events.Tags()["scalars"]
        if "/" in tag
    }
    weights = {
        name: {
            key: value.tolist() for key, value in read_checkpoint(folder / "checkpoints" / name)["state_dict"].items()
        }
        for name in ("best.ckpt", "last.ckpt")
    }
    metrics = (folder / "metrics.csv").read_bytes()
    return {"result": {**result, "seconds": 0, "version": ""}, "curves": curves, "weights": weights, "metrics": metrics}


def resume_option(runs: Path) -> list[str]:
    """Return ``--ckpt_path last`` if the newest run has a last.ckpt; if not, a new run is to start."""
    return ["--ckpt_path=last"] if (newest(runs) / "checkpoints" / "last.ckpt").exists() else []


def newest(runs: Path) -> Path:
    """Return the folder of the newest run."""
    return max(
        (runs / "run").glob("version_*"), key=lambda path: int(path.name[8:]), default=runs / "run" / "version_0"
    )


def _in_child(arguments: list[str]) -> None:
    torch.set_num_threads(1)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device, not a file in a folder
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise SystemExit(hw1(arguments))


def run_and_kill(arguments: list[str], folder: Path, seconds: float, method: str = "spawn") -> bool:
    """Start a run, kill it some seconds after it has started to log, and return whether it was still alive.

    Args:
        arguments: of the run.
        folder: the folder of all runs of that name.
        seconds: from the first log to the kill; if negative, its absolute value from the start of the process.
        method: how the process starts; ``fork`` saves the imports, but this process must have no threads.
    """
    before = len(list(folder.rglob("events.*")))
    process = multiprocessing.get_context(method).Process(target=_in_child, args=(arguments,))  # type: ignore[attr-defined] # every context has it
    process.start()
    while process.is_alive() and seconds >= 0 and len(list(folder.rglob("events.*"))) == before:
        time.sleep(0.002)
    process.join(abs(seconds))
    alive: bool = process.is_alive()
    if alive and process.pid is not None:
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    if not alive and process.exitcode:
        raise RuntimeError(f"hw1 {' '.join(arguments)} ended with status {process.exitcode}")
    return alive


def run_until_done(runs: Path, options: Sequence[str], seconds: float, rng: random.Random) -> Counter[str]:
    """Kill and resume a run until it ends before it is killed; return how many kills fell in which phase."""
    kills: Counter[str] = Counter()
    while True:
        moment = rng.uniform(0, 1.1 * seconds + 0.1) if rng.random() < 0.9 else -rng.uniform(0, 0.5)
        if not run_and_kill([*command(runs, options), *resume_option(runs)], runs, moment, "fork"):
            return kills
        folder = newest(runs)
        ended, saved = (folder / "result.json").exists(), (folder / "checkpoints" / "last.ckpt").exists()
        kills[PHASES[2] if ended else PHASES[1] if saved else PHASES[0]] += 1


def try_case(name: str, count: float, rng: random.Random) -> bool:
    """Kill runs of one case, print a row, and return whether all left the same files as an uninterrupted run."""
    folder, arguments = Path(tempfile.mkdtemp(prefix="hw1-kills-")), CASES[name]
    run_and_kill(command(folder / "whole", arguments), folder / "whole", 3600, "fork")
    expected = outputs(newest(folder / "whole"))
    seconds = json.loads((newest(folder / "whole") / "result.json").read_text())["seconds"]
    kills: Counter[str] = Counter()
    runs = different = 0
    while kills.total() < count:
        killed = folder / f"killed_{runs}"
        kills += run_until_done(killed, arguments, seconds, rng)
        runs += 1
        if outputs(newest(killed)) != expected:
            different += 1
            print(f"{name}: {killed} differs from {folder / 'whole'}", file=sys.stderr)
    phases = "".join(f"{kills[phase]:>28}" for phase in PHASES)
    print(f"{name:<28}{kills.total():>8}{runs:>8}{phases}{different:>14}", flush=True)
    if not different:
        shutil.rmtree(folder)
    return not different


def main() -> int:
    """Kill runs of all cases; return 1 if any file differed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="least number of kills (default: 100)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random moments (default: 0)")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    logging.getLogger("tensorboard").setLevel(logging.ERROR)  # it logs every restart
    with tempfile.TemporaryDirectory() as trial, contextlib.redirect_stdout(io.StringIO()):
        hw1(command(Path(trial), [CASES["one example at a time"][0], "--trainer.max_epochs=1"]))  # imports, compiles
    print(f"{'':<28}{'kills':>8}{'runs':>8}" + "".join(f"{phase:>28}" for phase in PHASES) + f"{'differences':>14}")
    fine = [try_case(name, options.count / len(CASES), rng) for name in CASES]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    raise SystemExit(main())
