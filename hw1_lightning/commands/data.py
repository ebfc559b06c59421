"""`hw1 data info | import | download`: describes, imports and downloads data."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hw1_lightning.commands.parser.plain_parser import PlainParser
from hw1_lightning.errors import InputError, plain_warnings

if TYPE_CHECKING:  # --help does not require torch
    from hw1_lightning.data.image_folder import FolderContent

DESCRIPTION = "Describe, import and download data."
OUTPUT = "the file to write (default: %(default)s)"
INFO = """Print the sizes, classes, balance, mean colour, SHA-256 and duplicate images of a data set, including
those in both the training and the test split, and draw a contact sheet: a row for each class, with its mean image
and examples."""
IMPORT = """Read a folder with a folder of JPEG, PNG or WebP files for each class (or Kaggle's seg_train and seg_test),
and write it as one npz file of 48x48 images in the course's format, for --data.source Landscapes."""
DOWNLOAD = """Download the course's landscapes, intel_landscapes.v2.npz, from its Google Drive. The file is checked
before it is saved under its name."""


def run(args: Sequence[str]) -> int:
    """Run one of the subcommands of `hw1 data`."""
    with plain_warnings():
        options = _parser().parse_args(list(args[1:]))
        COMMANDS[options.command](options)
    return 0


def _parser() -> PlainParser:
    parser = PlainParser(prog="hw1 data", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    info = commands.add_parser("info", help="describe a data set in numbers and images", description=INFO)
    info.add_argument("path", type=Path, metavar="FILE|FOLDER", help="an npz file in the course's format, or a folder")
    info.add_argument("--output", type=Path, default=Path("contact_sheet.png"), help=OUTPUT)
    info.add_argument("--image_size", type=int, help="for a folder: height and width in pixels (default: 48)")
    seed = "for a folder: seed for dividing images without a split folder (default: 0)"
    info.add_argument("--split_seed", type=int, help=seed)
    convert = commands.add_parser("import", help="write a folder of photographs as an npz file", description=IMPORT)
    convert.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of class folders")
    convert.add_argument("output", type=Path, metavar="OUT.npz", help="the file to write; it must not exist")
    what = "what to do with an image that cannot be read (default: %(default)s)"
    convert.add_argument("--image_size", type=int, help="height and width in pixels (default: 48)")
    convert.add_argument("--on_error", choices=("raise", "skip"), default="raise", help=what)
    convert.add_argument("--split_seed", type=int, help=seed)
    fetch = commands.add_parser("download", help="download the course's file", description=DOWNLOAD)
    fetch.add_argument("name", choices=("landscapes",), metavar="NAME", help="what to download (landscapes)")
    fetch.add_argument("--output", type=Path, default=Path("intel_landscapes.v2.npz"), help=OUTPUT)
    fetch.add_argument("--url", help="another address to download from (default: the course's)")
    fetch.add_argument("--sha256", help="SHA-256 that the file must have, 64 hexadecimal digits")
    return parser


def _info(options: argparse.Namespace) -> None:
    from hw1_lightning.commands.data_report import contact_sheet_of, report
    from hw1_lightning.data.sources import Landscapes, as_array_data
    from hw1_lightning.files import replacing

    content = None
    if options.path.is_dir():
        content = _read_folder(options, "skip")
        arrays = as_array_data(content.labelled)
    elif options.image_size is not None or options.split_seed is not None:
        raise InputError(f"{options.path} is not a folder; --image_size and --split_seed are for folders")
    else:
        arrays = Landscapes(options.path).load()
    with replacing(options.output) as temporary:
        contact_sheet_of(arrays).save(temporary, format="PNG")
    print(report(options.path, arrays, content))
    print(f"contact sheet  {options.output}")


def _import(options: argparse.Namespace) -> None:
    from hw1_lightning.data.hidden import hidden_message
    from hw1_lightning.data.npz import write_npz
    from hw1_lightning.data.sources import Landscapes

    _check_not_existing(options.output)
    content = _read_folder(options, options.on_error)
    if content.hidden:
        print(f"hw1: {hidden_message(content.hidden)}", file=sys.stderr)
    for file, why in content.broken:
        print(f"hw1: left out: {file} ({why})", file=sys.stderr)
    write_npz(options.output, content.labelled)
    arrays = Landscapes(options.output).load()
    print(f"classes  {', '.join(arrays.class_names)}")
    print(f"sizes    {', '.join(f'{name} {len(split):,}' for name, split in arrays.splits.items())}")
    print(f"left out {len(content.broken)} images that cannot be read")
    print(f"sha256   {arrays.sha256} (of the arrays, as in result.json)")
    print(f"written  {options.output}")
    print(f"use it   hw1 fit --config FILE --data.source Landscapes --data.source.path {options.output}")


def _download(options: argparse.Namespace) -> None:
    from hw1_lightning.data.download import LANDSCAPES_URL, download, file_sha256
    from hw1_lightning.data.sources import Landscapes

    _check_not_existing(options.output)
    sizes = {}

    def check(path: Path) -> None:
        sizes.update({name: len(split) for name, split in Landscapes(path).load().splits.items()})

    download(LANDSCAPES_URL if options.url is None else options.url, options.output, check, options.sha256)
    print(f"sizes    {', '.join(f'{name} {size:,}' for name, size in sizes.items())}")
    print(f"sha256   {file_sha256(options.output)} (of the file)")
    print(f"written  {options.output}")


def _read_folder(options: argparse.Namespace, on_error: Literal["raise", "skip"]) -> "FolderContent":
    from hw1_lightning.data.image_folder import ImageFolder

    chosen = {name: value for name in ("image_size", "split_seed") if (value := getattr(options, name)) is not None}
    return ImageFolder(options.folder if "folder" in options else options.path, on_error=on_error, **chosen).read()


def _check_not_existing(output: Path) -> None:
    if output.exists():
        raise InputError(f"{output} exists; remove it or choose another name")
    if not output.parent.is_dir():
        raise InputError(f"{output} cannot be written: there is no folder {output.parent}")


COMMANDS = {"info": _info, "import": _import, "download": _download}
