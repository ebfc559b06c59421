"""Loads a model from a checkpoint alone, and checks that a checkpoint fits a model and can be resumed from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule

from hw1_lightning.errors import InputError
from hw1_lightning.imports import concrete_subclasses, path_of
from hw1_lightning.models.base import StackModule
from hw1_lightning.runs.checkpoints import read_checkpoint

# Hyperparameters that follow from the data, and how errors name them.
SET_BY_DATA = {
    "input_shape": "inputs of shape",
    "input_scale": "inputs times",
    "num_outputs": "numbers to predict:",
    "class_names": "classes",
}


def load_model(path: str | Path) -> StackModule:
    """Return the model in a checkpoint, with its weights, on the CPU and in evaluation mode.

    The model's class must be imported already, as those of hw1 are: a checkpoint never causes an import.

    Args:
        path: a local file, such as best.ckpt.

    Raises:
        InputError: if the file cannot be read safely, its class is unknown, or the weights do not fit the class.
    """
    checkpoint = read_checkpoint(path)
    class_path, arguments = class_and_arguments(checkpoint, path)
    kinds = {path_of(kind): kind for kind in concrete_subclasses(StackModule).values()}
    if class_path not in kinds:
        fix = "give --trust PACKAGE to import its package"
        unknown = "neither a model of hw1 nor an imported subclass of one"
        raise InputError(f"{path} holds a '{class_path}', which is {unknown}; {fix}")
    try:
        with torch.device("meta"):  # no memory is allocated, whatever sizes the file claims
            _check_same_shapes(kinds[class_path](**arguments).state_dict(), checkpoint["state_dict"])
        model: StackModule = kinds[class_path](**arguments)
        model.load_state_dict(checkpoint["state_dict"])
    except Exception as error:  # which errors wrong arguments raise is not documented
        reason = " ".join(str(error).split())
        raise InputError(f"{path} does not fit the {class_path} that it names: {reason}") from error
    check_finite_weights(model, checkpoint, path)
    return model.eval()


def class_and_arguments(checkpoint: Mapping[str, Any], path: str | Path) -> tuple[str, dict[str, Any]]:
    """Return the import path of the class of a checkpoint's model, and the arguments to create it.

    Args:
        checkpoint: its content.
        path: the file, for errors.

    Raises:
        InputError: if one of them is missing, or an argument is not a plain value.
    """
    class_path, arguments = checkpoint.get("class_path"), checkpoint.get("hyper_parameters")
    if not isinstance(class_path, str) or not isinstance(arguments, dict):
        raise InputError(f"{path} does not name the class of its model; give a checkpoint that `hw1 fit` wrote")
    if odd := [str(name) for name, value in arguments.items() if not _is_plain({name: value})]:
        raise InputError(f"{path}: hyperparameter {odd[0]} is not a plain value (text, number, list or mapping)")
    return class_path, arguments


def check_checkpoint_fits(model: LightningModule, checkpoint: Mapping[str, Any], path: str | Path) -> None:
    """Check that a checkpoint's weights fit a model, and that the model was trained on data of the same kind.

    Args:
        model: created from the options and the data.
        checkpoint: the content of the file.
        path: the file, for errors.

    Raises:
        InputError: naming the first difference, or if a weight is NaN or infinite.
    """
    stored = checkpoint.get("hyper_parameters") or {}
    for name, what in SET_BY_DATA.items():
        given, trained = model.hparams.get(name), stored.get(name)
        if name in stored and _listed(given) != _listed(trained):
            here = f"this data has {_shown(given)}; give the --data options of its training"
            raise InputError(f"{path} was trained on data with {what} {_shown(trained)}, but {here}")
    try:
        _check_same_shapes(model.state_dict(), checkpoint["state_dict"])
    except ValueError as error:
        kind = type(model).__name__
        raise InputError(f"{path} does not fit this {kind}: {error}; leave out its --model options") from error
    check_finite_weights(model, checkpoint, path)


def check_finite_weights(model: LightningModule, checkpoint: Mapping[str, Any], path: str | Path) -> None:
    """Check that no weight is NaN or infinite; argmax would predict the first class, at a plausible accuracy.

    Args:
        model: with weights of the checkpoint's names and shapes.
        checkpoint: the content of the file.
        path: the file, for errors.

    Raises:
        InputError: naming the first such weight.
    """
    for name, _ in model.named_parameters():
        try:
            finite = bool(checkpoint["state_dict"][name].isfinite().all())
        except (RuntimeError, TypeError) as error:  # a sparse, quantised or meta tensor
            raise InputError(f"{path}: {name} cannot be read: {' '.join(str(error).split())}") from error
        if not finite:
            fix = "give the run's best.ckpt, if there is one, or train again with a lower learning rate"
            what = f"weights that are NaN or infinite ({name}), since its training diverged"
            raise InputError(f"{path} holds {what}; {fix}")


def check_can_resume(
    model: LightningModule, checkpoint: Mapping[str, Any], path: str | Path, max_epochs: int | None
) -> None:
    """Check that training can resume from a checkpoint: it has the state of the same optimiser and schedule.

    Args:
        model: to be trained.
        checkpoint: the content of the file.
        path: the file, for errors.
        max_epochs: of the resumed run, those already done included; ``None`` or -1 for no limit.

    Raises:
        InputError: if it cannot.
    """
    done = epochs_in(checkpoint)
    if not done:
        raise InputError(f"{path} holds no state to resume from; give the last.ckpt that `hw1 fit` wrote")
    if max_epochs is not None and 0 <= max_epochs <= done:
        raise InputError(f"{path} has {done} epochs done, and trainer.max_epochs is {max_epochs}; it must be greater")
    stored = checkpoint.get("hyper_parameters") or {}
    for name in ("optimizer", "lr_scheduler"):
        given, fix = model.hparams.get(name), f"leave out --model.{name}, or --ckpt_path"
        if name in stored and stored[name] != given:
            state = f"the state of {name} {stored[name]}"
            raise InputError(f"{path} holds {state}, from which {given} cannot resume; {fix}")


def epochs_in(checkpoint: Mapping[str, Any]) -> int:
    """Return the number of finished epochs in a checkpoint's content; 0 if training cannot resume from it."""
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
