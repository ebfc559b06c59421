"""Kill runs at random moments and go on with them: `python -m benchmarks.kills --count 100`.

A run that was killed must leave what a run leaves that was not: weights of both checkpoints bit for bit, metrics.csv
byte for byte, TensorBoard's curves, and result.json but for the seconds.
"""

import argparse
import contextlib
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
PLACES = ("before the first last.ckpt", "in training", "after the end")


def command(runs: Path, options: Sequence[str]) -> list[str]:
    """The arguments of a run called ``run``."""
    return ["fit", "--name=run", f"--runs_dir={runs}", *options]


def left(folder: Path) -> dict[str, Any]:
    """Everything in a run's folder that must not depend on interruptions."""
    result = json.loads((folder / "result.json").read_text())
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    curves = {
        tag: {(event.step, event.value) for event in events.Scalars(tag)}  # the end may be told twice
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


def goes_on(runs: Path) -> list[str]:
    """``--ckpt_path last`` if the newest run has such a checkpoint; without, another one begins."""
    return ["--ckpt_path=last"] if (newest(runs) / "checkpoints" / "last.ckpt").exists() else []


def newest(runs: Path) -> Path:
    """The folder of the newest run."""
    return max(
        (runs / "run").glob("version_*"), key=lambda path: int(path.name[8:]), default=runs / "run" / "version_0"
    )


def _in_child(arguments: list[str]) -> None:
    torch.set_num_threads(1)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no file of ours
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise SystemExit(hw1(arguments))


def killed(arguments: list[str], folder: Path, seconds: float, method: str = "spawn") -> bool:
    """Start a run, and kill it so many seconds after it has begun to log; gives whether it was still alive.

    Args:
        arguments: the run's.
        folder: where all runs of that name are.
        seconds: negative to kill it that long after its start, whatever it is doing.
        method: how the process starts; ``fork`` saves the imports, where this process has no threads.
    """
    before = len(list(folder.rglob("events.*")))
    process = multiprocessing.get_context(method).Process(target=_in_child, args=(arguments,))  # type: ignore[attr-defined] # all have it
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


def until_done(runs: Path, options: Sequence[str], seconds: float, rng: random.Random) -> Counter[str]:
    """Kill a run again and again, until it ends before it is killed; gives where the kills fell."""
    fell: Counter[str] = Counter()
    while True:
        moment = rng.uniform(0, 1.1 * seconds + 0.1) if rng.random() < 0.9 else -rng.uniform(0, 0.5)
        if not killed([*command(runs, options), *goes_on(runs)], runs, moment, "fork"):
            return fell
        folder = newest(runs)
        ended, saved = (folder / "result.json").exists(), (folder / "checkpoints" / "last.ckpt").exists()
        fell[PLACES[2] if ended else PLACES[1] if saved else PLACES[0]] += 1


def try_case(name: str, count: float, rng: random.Random) -> bool:
    """Kill runs of one case, print where, and give whether all ended like the one that was left alone."""
    folder, arguments = Path(tempfile.mkdtemp(prefix="hw1-kills-")), CASES[name]
    killed(command(folder / "whole", arguments), folder / "whole", 3600, "fork")
    expected = left(newest(folder / "whole"))
    seconds = json.loads((newest(folder / "whole") / "result.json").read_text())["seconds"]
    fell: Counter[str] = Counter()
    runs = different = 0
    while fell.total() < count:
        place = folder / f"killed_{runs}"
        fell += until_done(place, arguments, seconds, rng)
        runs += 1
        if left(newest(place)) != expected:
            different += 1
            print(f"{name}: {place} differs from {folder / 'whole'}", file=sys.stderr)
    places = "".join(f"{fell[place]:>28}" for place in PLACES)
    print(f"{name:<28}{fell.total():>8}{runs:>8}{places}{different:>14}", flush=True)
    if not different:
        shutil.rmtree(folder)
    return not different


def main() -> int:
    """Kill as often as asked; gives 1 if anything differed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="kills in all, at least (default: 100)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: 0)")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    logging.getLogger("tensorboard").setLevel(logging.ERROR)  # it tells of every restart
    with tempfile.TemporaryDirectory() as trial, contextlib.redirect_stdout(None):
        hw1(command(Path(trial), [CASES["one example at a time"][0], "--trainer.max_epochs=1"]))  # imports, compiles
    print(f"{'':<28}{'kills':>8}{'runs':>8}" + "".join(f"{place:>28}" for place in PLACES) + f"{'differences':>14}")
    fine = [try_case(name, options.count / len(CASES), rng) for name in CASES]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    raise SystemExit(main())
