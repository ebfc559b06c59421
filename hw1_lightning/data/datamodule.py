"""The LightningDataModule that all models share."""

from functools import cached_property
from typing import Any

import torch
from lightning.pytorch import LightningDataModule
from lightning.pytorch.utilities.model_helpers import is_overridden

from hw1_lightning.data.arrays import ArrayData, Examples, Split
from hw1_lightning.data.generated import GeneratedExamples
from hw1_lightning.data.loader import ShardLoader, StackLoader
from hw1_lightning.data.order import OrderKind, make_order
from hw1_lightning.data.redivision import PooledExamples, redivide
from hw1_lightning.data.shared import load
from hw1_lightning.data.sources import Source
from hw1_lightning.errors import InputError

# Fixed, so that sums in evaluation round the same for every batch size in training. Small, so that the features
# of a minibatch of photographs stay in the processor's cache; a GPU needs more at once.
EVALUATION_BATCH_SIZE, EVALUATION_BATCH_SIZE_CUDA = 128, 2048
Loader = StackLoader | ShardLoader


class ArrayDataModule(LightningDataModule):
    """Loads a source once and yields its splits as stacks of minibatches.

    Args:
        source: where the arrays come from.
        batch_size: examples in one optimiser step.
        steps_per_execution: optimiser steps in one ``training_step``; changes results by rounding only. The default
            is as many as make about 2,048 examples.
        seed: seed of the order of the training examples; the default is the seed of the process, as set by
            ``torch.manual_seed`` or ``--seed_everything``.
        split_seed: divides the training and validation examples again, at random by this seed, into splits of the same
            sizes; the test split stays. The default keeps the division of the source.
        order: ``torch`` visits the training examples in the order of torch's DataLoader, ``numpy`` in that of the
            course's NumPy scripts, whose one generator draws the weights first (``init: numpy`` of the MLP).

    Raises:
        InputError: if a size is not positive, an option is unknown or the source cannot be read.
    """

    def __init__(
        self,
        source: Source,
        batch_size: int = 64,
        steps_per_execution: int | None = None,
        seed: int | None = None,
        split_seed: int | None = None,
        order: OrderKind = "torch",
    ) -> None:
        super().__init__()
        for name, value in {"batch_size": batch_size, "steps_per_execution": steps_per_execution}.items():
            if value is not None and value < 1:
                raise InputError(f"{name} is {value}; it must be at least 1")
        self.source, self.batch_size, self.steps_per_execution = source, batch_size, steps_per_execution
        self.seed = torch.initial_seed() if seed is None else seed
        self.split_seed, self.order = split_seed, order
        self.epoch_order = make_order(order, self.seed)
        self._moved: dict[tuple[str, torch.device], Examples] = {}

    @cached_property
    def stored(self) -> ArrayData:
        """Return the data as the source divides it; reads it the first time."""
        return load(self.source)

    @cached_property
    def arrays(self) -> ArrayData:
        """Return the data as it is trained and evaluated on."""
        if self.split_seed is None:
            return self.stored
        return redivide(self.stored, self.split_seed, type(self.source).__name__)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Return the shape of one input, without the batch axis."""
        return self.arrays.input_shape

    @property
    def class_names(self) -> tuple[str, ...]:
        """Return one name for each class, in the order of the labels; empty for regression."""
        return self.arrays.class_names

    @property
    def num_outputs(self) -> int:
        """Return how many numbers to predict for each example; 0 for classification."""
        return self.arrays.num_outputs

    @property
    def input_scale(self) -> float:
        """Return the factor that models multiply raw inputs with."""
        return self.arrays.input_scale

    def train_dataloader(self) -> Loader:
        """Return a loader of the training split, in a new random order each epoch.

        It yields stacks, or minibatches to a module that takes single steps. Generated examples keep their order: it is
        random already, and another would generate every chunk many times. ``overfit_batches`` keeps it too, for the
        same minibatches each epoch. A model whose result does not depend on the order gets this process's part.
        """
        if not getattr(self._module, "order_matters", True):
            return self._sum_loader("train", self.batch_size, self.steps_per_execution)
        stored = isinstance(self.arrays.train, GeneratedExamples) or (self.trainer and self.trainer.overfit_batches > 0)  # type: ignore[attr-defined] # Lightning sets it
        loader = self._loader("train", self.batch_size, self.steps_per_execution)
        loader.order = None if stored else self.epoch_order
        loader.ahead = getattr(self._module, "uses_compiled_kernels", False) and torch.get_num_threads() > 1
        limit = None if self.trainer is None else self.trainer.limit_train_batches
        loader.limit = int(len(loader) * limit) if isinstance(limit, float) else limit
        return loader

    def setup(self, stage: str) -> None:
        """Restart the order of the examples; a checkpoint that is loaded later sets it again."""
        if stage == "fit":
            self.epoch_order.restart(getattr(self._module, "numpy_draws", 0))

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the random order and the seed of the division, for checkpoints."""
        return {"order": self.epoch_order.state(), "split_seed": self.split_seed}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue the random order of a checkpoint, which must be of the same kind."""
        self.epoch_order.restore(state_dict["order"])

    def count_minibatches(self, split: str) -> int:
        """Return how many minibatches Lightning counts in a whole split, ``train`` or another."""
        size = self.batch_size if split == "train" else self._evaluation_batch_size
        return -(-len(self.arrays.splits[split]) // size)

    def train_evaluation_dataloader(self) -> StackLoader:
        """Return a loader of the whole training split in its stored order, in every process."""
        return StackLoader(self._resident("train"), self._evaluation_batch_size)

    def val_dataloader(self) -> Loader:
        """Return a loader of the validation split in its stored order; of this process's part if there are several."""
        return self._sum_loader("val", self._evaluation_batch_size)

    def test_dataloader(self) -> Loader:
        """Return a loader of the test split in its stored order; of this process's part if there are several."""
        return self._sum_loader("test", self._evaluation_batch_size)

    def predict_dataloader(self) -> StackLoader:
        """Return a loader of the whole test split in its stored order, in every process."""
        return self._loader("test", self._evaluation_batch_size)

    def _sum_loader(self, split: str, batch_size: int, steps_per_execution: int | None = None) -> Loader:
        """Return a loader for sums over examples and processes: metrics and least squares."""
        loader = self._loader(split, batch_size, steps_per_execution)
        trainer, stack_size = self.trainer, batch_size * loader.steps_per_execution
        if trainer is None or trainer.world_size == 1:
            return loader
        return ShardLoader(loader.examples, stack_size, trainer.global_rank, trainer.world_size, self._stacked)

    def _loader(self, split: str, batch_size: int, steps_per_execution: int | None = None) -> StackLoader:
        examples, device = self._resident(split), self._device
        return StackLoader(examples, batch_size, steps_per_execution, device=device, stacked=self._stacked)

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """Return floating, scaled inputs with the targets to a module that is not one of hw1's.

        For predictions it gets the inputs alone, unless it defines ``predict_step``.
        """
        module = self._module
        if module is None or hasattr(module, "why_one_step_at_a_time"):
            return batch  # hw1's models scale their inputs
        inputs, targets = batch
        inputs = inputs.to(module.dtype) * self.input_scale
        alone = self.trainer is not None and self.trainer.predicting and not is_overridden("predict_step", module)
        return inputs if alone else (inputs, targets)

    @property
    def _module(self) -> Any:
        return getattr(self.trainer, "lightning_module", None)

    @property
    def _stacked(self) -> bool:
        """Return whether the module takes stacks now; without a trainer, the caller does."""
        return self._module is None or getattr(self._module, "why_one_step_at_a_time", "") is None

    @property
    def _device(self) -> torch.device:
        return torch.device("cpu") if self.trainer is None else self.trainer.strategy.root_device

    @property
    def _evaluation_batch_size(self) -> int:
        # Options count single minibatches, so their size must not depend on the machine.
        return EVALUATION_BATCH_SIZE_CUDA if self._device.type == "cuda" and self._stacked else EVALUATION_BATCH_SIZE

    def _resident(self, name: str) -> Split:
        """Return a split on the device; stored examples move to a GPU once, all of them, as bytes."""
        split = self.arrays.splits[name]
        if self._device.type == "cpu" or not isinstance(split, Examples | PooledExamples):
            return split
        key = (name, self._device)
        if key not in self._moved:
            self._moved[key] = split.to(self._device)
        return self._moved[key]
