"""The one LightningDataModule that every model shares."""

from functools import cached_property
from typing import Any

import torch
from lightning.pytorch import LightningDataModule
from lightning.pytorch.utilities.model_helpers import is_overridden

from hw1_lightning.data.arrays import ArrayData, Examples, Split
from hw1_lightning.data.generated import GeneratedExamples
from hw1_lightning.data.loader import ShardLoader, StackLoader
from hw1_lightning.data.redivision import Chosen, divided_again
from hw1_lightning.data.shared import load
from hw1_lightning.data.sources import Source
from hw1_lightning.errors import InputError

# Evaluation has no minibatches of its own; a fixed size keeps its sums the same whatever is trained.
# Small, so that the features of a minibatch of photographs stay in the processor's cache; a GPU wants many at once.
EVALUATION_BATCH_SIZE, EVALUATION_BATCH_SIZE_CUDA = 128, 2048


class ArrayDataModule(LightningDataModule):
    """Loads a source once and hands out its splits as stacks of minibatches.

    Args:
        source: where the arrays come from.
        batch_size: examples in one optimiser step.
        steps_per_execution: optimiser steps that one ``training_step`` executes; changes results by rounding
            only. The default takes about 2,048 examples.
        seed: seed of the order of the training examples; the default takes the process's own, as set by
            ``torch.manual_seed`` or ``--seed_everything``.
        split_seed: divides the training and validation examples anew, at random by this seed, into splits of the same
            sizes; the test split stays. The default keeps the division of the source.

    Raises:
        InputError: if a size is not positive, or the source cannot be read.
    """

    def __init__(
        self,
        source: Source,
        batch_size: int = 64,
        steps_per_execution: int | None = None,
        seed: int | None = None,
        split_seed: int | None = None,
    ) -> None:
        super().__init__()
        for name, value in {"batch_size": batch_size, "steps_per_execution": steps_per_execution}.items():
            if value is not None and value < 1:
                raise InputError(f"{name} is {value}; it must be at least 1")
        self.source = source
        self.batch_size = batch_size
        self.steps_per_execution = steps_per_execution
        self.seed = torch.initial_seed() if seed is None else seed
        self.split_seed = split_seed
        self._order = torch.Generator().manual_seed(self.seed)
        self._moved: dict[tuple[str, torch.device], Examples] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What another process gets: torch's own way to hand over a generator fails there."""
        return {**self.__dict__, "_order": self._order.get_state().numpy().tobytes()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over what another process has handed over."""
        self.__dict__.update(state)
        self._order = torch.Generator()
        self._order.set_state(torch.frombuffer(bytearray(state["_order"]), dtype=torch.uint8))

    @cached_property
    def stored(self) -> ArrayData:
        """The data as the source divides it, read when first asked for."""
        return load(self.source)

    @cached_property
    def arrays(self) -> ArrayData:
        """The data as it is trained and evaluated on."""
        if self.split_seed is None:
            return self.stored
        return divided_again(self.stored, self.split_seed, type(self.source).__name__)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input, without the batch axis."""
        return self.arrays.input_shape

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name a class, in the order of the labels; none for regression."""
        return self.arrays.class_names

    @property
    def num_outputs(self) -> int:
        """Numbers to predict for each example; 0 for classification."""
        return self.arrays.num_outputs

    @property
    def input_scale(self) -> float:
        """What a model multiplies raw inputs with."""
        return self.arrays.input_scale

    def train_dataloader(self) -> StackLoader | ShardLoader:
        """The training split in a new random order each epoch: stacks, or minibatches for who takes single steps.

        Generated examples keep their order: it is random already, and another would make every chunk many times. So
        does ``overfit_batches``, for the same minibatches each epoch. A model whose result does not depend on the order
        gets this process's part of the split.
        """
        if not getattr(self._module, "order_matters", True):
            return self._sum_loader("train", self.batch_size, self.steps_per_execution)
        stored = isinstance(self.arrays.train, GeneratedExamples) or (self.trainer and self.trainer.overfit_batches > 0)  # type: ignore[attr-defined] # Lightning sets it
        loader = self._loader("train", self.batch_size, self.steps_per_execution, None if stored else self._order)
        limit = None if self.trainer is None else self.trainer.limit_train_batches
        loader.limit = int(len(loader) * limit) if isinstance(limit, float) else limit
        return loader

    def setup(self, stage: str) -> None:
        """Begin the order of the examples anew, unless a checkpoint has said where it stands."""
        if stage == "fit":
            self._order.manual_seed(self.seed)

    def state_dict(self) -> dict[str, Any]:
        """Where the random order of the training examples stands, and how they were divided, for checkpoints."""
        return {"order": self._order.get_state(), "split_seed": self.split_seed}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with that order."""
        self._order.set_state(state_dict["order"].cpu())

    def count_minibatches(self, split: str) -> int:
        """How many minibatches Lightning counts in a whole split, ``train`` or another."""
        size = self.batch_size if split == "train" else self._evaluation_batch_size
        return -(-len(self.arrays.splits[split]) // size)

    def train_evaluation_dataloader(self) -> StackLoader:
        """Stacks of the training split in its stored order, all of it in every process."""
        return StackLoader(self._resident("train"), self._evaluation_batch_size)

    def val_dataloader(self) -> StackLoader | ShardLoader:
        """The validation split in its stored order; a part of it where there are several processes."""
        return self._sum_loader("val", self._evaluation_batch_size)

    def test_dataloader(self) -> StackLoader | ShardLoader:
        """The test split in its stored order; a part of it where there are several processes."""
        return self._sum_loader("test", self._evaluation_batch_size)

    def predict_dataloader(self) -> StackLoader:
        """The test split in its stored order, all of it in every process."""
        return self._loader("test", self._evaluation_batch_size)

    def _sum_loader(
        self, split: str, batch_size: int, steps_per_execution: int | None = None
    ) -> StackLoader | ShardLoader:
        """For what adds up over examples, and over processes: metrics and least squares."""
        loader = self._loader(split, batch_size, steps_per_execution)
        if self.trainer is None or self.trainer.world_size == 1:
            return loader
        stack_size = batch_size * loader.steps_per_execution
        return ShardLoader(
            loader.examples, stack_size, self.trainer.global_rank, self.trainer.world_size, self._stacked
        )

    def _loader(
        self,
        split: str,
        batch_size: int,
        steps_per_execution: int | None = None,
        generator: torch.Generator | None = None,
    ) -> StackLoader:
        device, stacked = self._device, self._stacked
        return StackLoader(self._resident(split), batch_size, steps_per_execution, generator, device, stacked)

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """What a module gets that is not one of hw1's: inputs as floats, scaled, and targets.

        For predictions it gets the inputs alone, unless it has a ``predict_step`` of its own.
        """
        module = self._module
        if module is None or hasattr(module, "why_one_step_at_a_time"):
            return batch  # hw1's models scale by themselves
        inputs, targets = batch
        inputs = inputs.to(module.dtype) * self.input_scale
        alone = self.trainer is not None and self.trainer.predicting and not is_overridden("predict_step", module)
        return inputs if alone else (inputs, targets)

    @property
    def _module(self) -> Any:
        return getattr(self.trainer, "lightning_module", None)

    @property
    def _stacked(self) -> bool:
        """Whether what is trained or evaluated takes stacks now; without a trainer, the caller does."""
        return self._module is None or getattr(self._module, "why_one_step_at_a_time", "") is None

    @property
    def _device(self) -> torch.device:
        return torch.device("cpu") if self.trainer is None else self.trainer.strategy.root_device

    @property
    def _evaluation_batch_size(self) -> int:
        # Minibatches of evaluation can be counted, so they are the same on every machine.
        cuda = self._device.type == "cuda" and self._stacked
        return EVALUATION_BATCH_SIZE_CUDA if cuda else EVALUATION_BATCH_SIZE

    def _resident(self, name: str) -> Split:
        """A split where it is used: stored examples move to a GPU whole, once, as the bytes they are."""
        split = self.arrays.splits[name]
        if self._device.type == "cpu" or not isinstance(split, Examples | Chosen):
            return split
        key = (name, self._device)
        if key not in self._moved:
            self._moved[key] = split.to(self._device)
        return self._moved[key]
