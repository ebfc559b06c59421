"""`hw1 export`: writes a trained model as an ONNX file."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.commands.parser.locations import existing_checkpoint
from hw1_lightning.commands.parser.plain_parser import PlainParser
from hw1_lightning.errors import InputError, plain_warnings
from hw1_lightning.imports import import_trusted

DESCRIPTION = """Write a trained model as an ONNX file, preprocessing included: raw inputs in (images as uint8,
N x H x W x C), class probabilities or numbers out. The file is saved only if onnxruntime predicts the same."""


def run(args: Sequence[str]) -> int:
    """Export a model."""
    options = _parser().parse_args(list(args[1:]))
    checkpoint = existing_checkpoint(options.ckpt_path, "export")
    if options.output.exists():
        raise InputError(f"{options.output} exists; remove it or choose another name")
    from hw1_lightning import models  # noqa: F401 - registers its classes
    from hw1_lightning.evaluation.onnx import write_onnx
    from hw1_lightning.runs.loading import load_model

    import_trusted(options.trust)
    with plain_warnings():
        model = load_model(checkpoint)
        difference = write_onnx(model, options.output)
    print(f"model          {type(model).__name__}, inputs {', '.join(map(str, model.hparams['input_shape']))}")
    print(f"checked        onnxruntime predicts the same, to {difference:.1g}")
    print(f"written        {options.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = PlainParser(prog="hw1 export", description=DESCRIPTION)
    add = parser.add_argument
    add("output", type=Path, metavar="MODEL.onnx", help="the file to write; it must not exist")
    add("--ckpt_path", help="a checkpoint, such as runs/.../best.ckpt")
    add("--trust", action="append", default=[], metavar="PACKAGE", help="import this package, which defines the model")
    return parser
