"""`hw1 completion`: scripts that let a shell complete hw1's commands, options and values.

jsonargparse documents two libraries for it. argcomplete starts the command at every press of the key, which takes
seconds here; shtab writes a script once, so hw1 takes that.
"""

import argparse
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, Literal, get_args, get_origin

import shtab
from jsonargparse import capture_parser

from hw1_lightning.commands.parser.plain_parser import PlainParser
from hw1_lightning.commands.parser.subcommands import COMMANDS
from hw1_lightning.imports import TRUSTED, concrete_subclasses
from hw1_lightning.shipped import STUDIES, shipped_configs, shipped_studies

DESCRIPTION = "Print a script that completes commands, options and values. Save it where the shell looks for it:"
SHELLS = {
    "bash": "hw1 completion bash > ~/.local/share/bash-completion/completions/hw1",
    "zsh": "hw1 completion zsh > ~/.zfunc/_hw1     # ~/.zshrc: fpath+=~/.zfunc; autoload -U compinit; compinit",
    "fish": "hw1 completion fish > ~/.config/fish/completions/hw1.fish",
}


def run(args: Sequence[str]) -> int:
    """Print the script for a shell."""
    print(shtab.complete(command_tree(), _parser().parse_args(list(args[1:])).shell))
    return 0


def _parser() -> argparse.ArgumentParser:

    text, raw = "\n".join(f"  {line}" for line in SHELLS.values()), argparse.RawDescriptionHelpFormatter
    parser = PlainParser("hw1 completion", description=DESCRIPTION, epilog=text, formatter_class=raw)
    parser.add_argument("shell", choices=list(SHELLS), help="the shell")
    return parser


def command_tree() -> argparse.ArgumentParser:
    """Return one parser of all subcommands, for shtab to read."""
    tree = argparse.ArgumentParser("hw1")
    tree.add_argument("--version", action="version", help="print the version")
    commands = tree.add_subparsers()
    for name, (module, text) in COMMANDS.items():
        if module == "training":
            parser = commands.add_parser(name, help=text)
            _add_options(parser, name)
        else:
            plain = import_module(f"hw1_lightning.commands.{module}")._parser()
            parser = commands.add_parser(name, help=text, parents=[plain], add_help=False)
        _complete_files(parser)
    return tree


def _add_options(parser: argparse.ArgumentParser, command: str) -> None:
    """Add the options of one of Lightning's subcommands, with those of the classes it can choose."""
    # Imported late: --help does not require torch.
    from hw1_lightning.commands.parser.command_line import CommandLine
    from hw1_lightning.commands.parser.error_parser import CHOICES
    from hw1_lightning.commands.parser.unknown_options import annotations

    root = capture_parser(CommandLine, [command, "--help"])
    parser_of = root._subcommands_action._name_parser_map  # type: ignore[union-attr] # it has subcommands
    for action in parser_of[command]._actions:
        if action.help != argparse.SUPPRESS and not isinstance(action, argparse._HelpAction):
            # jsonargparse accepts any subclass of these bases; hw1's own are offered.
            hint = CHOICES.get(action.dest.removesuffix(".help"), getattr(action, "_typehint", None))
            text = (action.help or "").strip().partition("\n")[0].replace("%", "%%") or None
            nargs = "?" if action.nargs == 0 else action.nargs
            parser.add_argument(*action.option_strings, choices=choices_of(hint) or None, help=text, nargs=nargs)
    for option, base in CHOICES.items():
        of_classes = [annotations(kind) for kind in concrete_subclasses(base).values()]
        hints = {name: [each[name] for each in of_classes if name in each] for each in of_classes for name in each}
        for name, alternatives in hints.items():
            values = dict.fromkeys(value for hint in alternatives for value in choices_of(hint))
            parser.add_argument(f"--{option}.{name}", choices=list(values) or None)


def choices_of(hint: Any) -> list[str]:
    """Return the values of a type if they are few: true and false, those of a Literal, the names of a base's classes.

    Example:
        >>> choices_of(bool | float), choices_of(Literal["a", 1] | None)
        (['true', 'false'], ['a', '1'])
    """
    if hint is bool:
        return ["true", "false"]
    if get_origin(hint) is Literal:
        return [str(value) for value in get_args(hint)]
    if isinstance(hint, type) and hint.__module__.partition(".")[0] in TRUSTED:
        return sorted(concrete_subclasses(hint))
    return list(dict.fromkeys(value for part in get_args(hint) for value in choices_of(part)))


def _complete_files(parser: argparse.ArgumentParser) -> None:
    """Complete options and arguments that are files or folders as such."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                _complete_files(each)
        elif not action.choices and (how := COMPLETIONS.get(action.dest.rpartition(".")[2])):
            action.complete = how  # type: ignore[attr-defined] # read by shtab


def _shipped_or_file(kind: str, names: Iterable[str]) -> dict[str, Any]:
    """Return how shtab completes a file, or the name of a shipped config.

    Args:
        kind: part of the name of the shell function; shtab requires that the name ends in ``_file``.
        names: the shipped names.
    """
    words, function = " ".join(names), f"_hw1_{kind}_file"
    return {
        "bash": function,
        "zsh": function,
        "fish": f"({function})",
        "preamble": {
            "bash": f'{function}() {{ compgen -W "{words}" -- "$1"; compgen -f -- "$1"; }}',
            "zsh": f"{function}() {{ _alternative 'shipped:shipped {kind}:({words})' 'files:file:_files' }}",
            "fish": f"function {function}; printf '%s\\n' {words}; __fish_complete_path (commandline -ct); end",
        },
    }


_CONFIG = _shipped_or_file("config", (name for name in shipped_configs() if not name.startswith(STUDIES)))
_STUDY = _shipped_or_file("study", (*shipped_studies(), STUDIES))
# How values are completed, by the last part of an option's or an argument's name.
COMPLETIONS: dict[str, Any] = {
    "config": _CONFIG,
    **dict.fromkeys(("file", "files"), _STUDY),
    **dict.fromkeys(("path", "ckpt_path", "output", "pictures", "replications", "reports", "out", "page"), shtab.FILE),
    **dict.fromkeys(("runs_dir", "copy", "folder", "run", "runs", "summary"), shtab.DIRECTORY),
    "names": shtab.cmd("ls runs 2>/dev/null"),
}
