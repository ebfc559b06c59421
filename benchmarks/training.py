"""Minibatches: an epoch of `hw1 fit` compared with a plain script, Lightning as usual, and matrix products alone."""

from functools import partial

import torch

from benchmarks.data import BenchmarkData
from benchmarks.epochs import hw1_epoch
from benchmarks.harness import Table, interleave
from benchmarks.peers import Experiment, Peers

EXPERIMENTS = (
    Experiment(
        "logistic regression, batch 32",
        "learning_rate",
        32,
        hidden=(),
        learning_rate=0.001,
        weight_decay=0.01,
        options=("--model.kernels=compiled",),
    ),
    Experiment("MLP 200-200, batch 64", "mlp", 64),
    Experiment("MLP 200-200, batch 512", "batch_size", 512),
    Experiment("MLP 200-200, batch 1024, momentum 0.9", "momentum", 1024, momentum=0.9),
)
# In early epochs each is the best so far and writes a checkpoint; later, few do.
EPOCHS, PEER_EPOCHS = 12, 4


def tables(data: BenchmarkData, rounds: int) -> list[Table]:
    """Compare an epoch of each experiment, including the evaluation of the validation split."""
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    return [_table(data, experiment, rounds, device) for device in devices for experiment in EXPERIMENTS]


def _table(data: BenchmarkData, experiment: Experiment, rounds: int, device: str) -> Table:
    peers = Peers(data, experiment, device)
    accelerator = "--trainer.accelerator=" + ("cpu" if device == "cpu" else "gpu")
    run = partial(hw1_epoch, experiment.config, data, EPOCHS, accelerator)
    contestants = {
        f"hw1 fit, everything included{' '.join(('', *experiment.options))}": partial(run, *experiment.options),
        **({"hw1 fit without these options": run} if experiment.options else {}),
        "(a) plain PyTorch script": partial(peers.plain_script, PEER_EPOCHS),
        "(b) Lightning as usually written": partial(peers.lightning, PEER_EPOCHS),
        "(c) raw loop in memory, no logging": partial(peers.in_memory, PEER_EPOCHS),
        "(d) the matrix products alone": partial(peers.products_alone, PEER_EPOCHS),
    }
    if device == "cpu":
        contestants["scikit-learn MLPClassifier"] = partial(peers.sklearn, PEER_EPOCHS)
    return interleave(f"{experiment.title}, {device}, an epoch", contestants, rounds)
