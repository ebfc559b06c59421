"""A model from a checkpoint alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule

from hw1_lightning.errors import InputError
from hw1_lightning.imports import concrete_subclasses, path_of
from hw1_lightning.models.base import StackModule
from hw1_lightning.runs.checkpoints import read_checkpoint

# Hyperparameters that the data tells a model, and what they are called.
TOLD_BY_DATA = {
    "input_shape": "inputs of shape",
    "input_scale": "inputs times",
    "num_outputs": "numbers to predict:",
    "class_names": "classes",
}


def load_model(path: str | Path) -> StackModule:
    """Make the model that a checkpoint holds, with its weights, ready to predict.

    Nothing that the checkpoint names is imported: its class must be known already, as those of hw1 are.

    Args:
        path: a local file, as best.ckpt.

    Returns:
        The model on the CPU, in evaluation mode.

    Raises:
        InputError: if the file cannot be read safely, its model is of no known class, or its weights do not fit that.
    """
    checkpoint = read_checkpoint(path)
    class_path, arguments = class_and_arguments(checkpoint, path)
    kinds = {path_of(kind): kind for kind in concrete_subclasses(StackModule).values()}
    if class_path not in kinds:
        raise InputError(
            f"{path} holds a '{class_path}', which is no model of hw1, nor a subclass of one that is imported; "
            "--trust PACKAGE imports such"
        )
    try:
        with torch.device("meta"):  # without memory, which false sizes would fill
            _check_same_shapes(kinds[class_path](**arguments).state_dict(), checkpoint["state_dict"])
        model: StackModule = kinds[class_path](**arguments)
        model.load_state_dict(checkpoint["state_dict"])
    except Exception as error:  # what odd arguments raise is not documented
        raise InputError(
            f"{path} does not fit the {class_path} that it names: {' '.join(str(error).split())}"
        ) from error
    check_finite_weights(model, checkpoint, path)
    return model.eval()


def class_and_arguments(checkpoint: Mapping[str, Any], path: str | Path) -> tuple[str, dict[str, Any]]:
    """What a checkpoint says of its model.

    Args:
        checkpoint: its content.
        path: where it is from.

    Returns:
        The import path of the model's class, and the arguments it was made with: plain values.

    Raises:
        InputError: if it does not say so, or in other than plain values.
    """
    class_path, arguments = checkpoint.get("class_path"), checkpoint.get("hyper_parameters")
    if not isinstance(class_path, str) or not isinstance(arguments, dict):
        raise InputError(f"{path} does not say what model it holds; give a checkpoint that `hw1 fit` wrote")
    odd = [str(name) for name, value in arguments.items() if not (isinstance(name, str) and _is_plain(value))]
    if odd:
        raise InputError(f"{path}: hyperparameter {odd[0]} is no plain value (text, number, list or mapping of them)")
    return class_path, arguments


def check_checkpoint_fits(model: LightningModule, checkpoint: Mapping[str, Any], path: str | Path) -> None:
    """Refuse a checkpoint for a model, or for data, that it was not made with.

    Args:
        model: what the options and the data make.
        checkpoint: the content of the file.
        path: the file.

    Raises:
        InputError: naming the first difference that matters, or if a weight is NaN or infinite.
    """
    stored = checkpoint.get("hyper_parameters") or {}
    for name, what in TOLD_BY_DATA.items():
        given, trained = model.hparams.get(name), stored.get(name)
        if name in stored and _listed(given) != _listed(trained):
            raise InputError(
                f"{path} was trained on data with {what} {_shown(trained)}, and this data has {_shown(given)}; choose "
                "--data.source and its options as for its training"
            )
    try:
        _check_same_shapes(model.state_dict(), checkpoint["state_dict"])
    except ValueError as error:
        raise InputError(
            f"{path} does not fit this {type(model).__name__}: {error}; leave out its --model options"
        ) from error
    check_finite_weights(model, checkpoint, path)


def check_finite_weights(model: LightningModule, checkpoint: Mapping[str, Any], path: str | Path) -> None:
    """Refuse weights that are NaN or infinite: their accuracy is finite, the share of the first class.

    Args:
        model: whose weights the checkpoint holds, of the right shapes.
        checkpoint: the content of the file.
        path: the file.

    Raises:
        InputError: naming the first such weight.
    """
    for name, _ in model.named_parameters():
        try:
            finite = bool(checkpoint["state_dict"][name].isfinite().all())
        except (RuntimeError, TypeError) as error:  # tensors that are sparse, quantised or without content
            raise InputError(f"{path}: {name} cannot be read: {' '.join(str(error).split())}") from error
        if not finite:
            raise InputError(
                f"{path} holds weights that are NaN or infinite ({name}), since its training diverged; give best.ckpt "
                "of that run, if it has one, or train again at a lower learning rate"
            )


def check_can_resume(
    model: LightningModule, checkpoint: Mapping[str, Any], path: str | Path, max_epochs: int | None
) -> None:
    """Refuse a checkpoint that training cannot go on from: without its state, or with that of another optimiser.

    Args:
        model: what is to be trained.
        checkpoint: the content of the file.
        path: the file.
        max_epochs: how many epochs a new run has in all; ``None`` or -1 for no such limit.

    Raises:
        InputError: saying what to do instead.
    """
    done = epochs_in(checkpoint)
    if not done:
        raise InputError(f"{path} holds no state to resume from; use last.ckpt, which `hw1 fit` writes")
    if max_epochs is not None and 0 <= max_epochs <= done:
        raise InputError(f"{path} has {done} epochs done, and trainer.max_epochs is {max_epochs}; it must be more")
    stored = checkpoint.get("hyper_parameters") or {}
    for name in ("optimizer", "lr_scheduler"):
        if name in stored and stored[name] != model.hparams.get(name):
            raise InputError(
                f"{path} holds the state of {name} {stored[name]}, with which {model.hparams.get(name)} cannot resume; "
                f"leave out --model.{name}, or --ckpt_path"
            )


def epochs_in(checkpoint: Mapping[str, Any]) -> int:
    """How many epochs were done when `hw1 fit` wrote a checkpoint; 0 if training cannot go on from it.

    Args:
        checkpoint: its content.
    """
    callbacks = checkpoint.get("callbacks")
    state = callbacks.get("RunState") if isinstance(callbacks, dict) else None
    epochs = state.get("epochs") if isinstance(state, dict) else None
    return epochs if isinstance(epochs, int) and "optimizer_states" in checkpoint else 0


def _shown(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(entry) for key, entry in value.items())
    return value is None or type(value) in {str, int, float, bool}


def _check_same_shapes(expected: Mapping[str, Any], found: object) -> None:
    shapes = {name: tuple(value.shape) for name, value in expected.items()}
    given = found if isinstance(found, dict) else {}
    for name in sorted(shapes.keys() | given.keys()):
        shape = tuple(given[name].shape) if isinstance(given.get(name), torch.Tensor) else None
        if shape != shapes.get(name):
            raise ValueError(f"{name} has shape {shape}, not {shapes.get(name)}")
