"""Classes by name: which exist, and which a config may name."""

import importlib
import inspect
import sys
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.errors import InputError

# Configs, checkpoints and options may name classes of these packages only: importing a module runs its code.
TRUSTED = ("hw1_lightning", "lightning", "torch")


def concrete_subclasses(base: type) -> dict[str, type]:
    """Return the concrete subclasses of a base class by short name, the choices on the command line.

    Private classes, and classes that a library creates at run time, are left out: they cannot be imported by name.
    """
    found: dict[str, type] = {}
    subclasses: list[type] = base.__subclasses__()
    for kind in subclasses:
        is_named = getattr(sys.modules.get(kind.__module__), kind.__name__, None) is kind
        importable = is_named and not kind.__name__.startswith("_") and not inspect.isabstract(kind)
        found |= {**({kind.__name__: kind} if importable else {}), **concrete_subclasses(kind)}
    return found


def path_of(kind: type) -> str:
    """Return the import path of a class, ``module.Name``."""
    return f"{kind.__module__}.{kind.__qualname__}"


def import_trusted(packages: Sequence[str]) -> None:
    """Import the packages that the user trusts, from the working folder first.

    Afterwards the folder is searched last, so that nothing in it shadows an installed package.

    Args:
        packages: the names of modules or packages.

    Raises:
        InputError: if a package does not exist, or its import raises an error.
    """
    if not packages:
        return
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        for name in packages:
            _import(name)
    finally:
        sys.path.remove(folder)
        sys.path.append(folder)


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            neither = f"neither {name}.py in {Path.cwd()} nor an installed package {name}"
            raise InputError(f"--trust is '{name}', but there is {neither}") from error
        raise InputError(f"--trust is '{name}', whose import failed: {error}") from error
    except Exception as error:  # the code of the package may raise anything
        raise InputError(f"--trust is '{name}', whose import failed with {type(error).__name__}: {error}") from error


def limit_imports(further: Sequence[str] = ()) -> None:
    """Let configs and options name classes of trusted packages only; others are not imported.

    Args:
        further: packages to trust in addition to ``TRUSTED``, until the process ends.
    """
    from jsonargparse import set_parsing_settings  # imported late: a list of classes does not need it

    set_parsing_settings(import_path_denylist=["*"], import_path_allowlist=[*TRUSTED, *further])
    # Where any value is allowed, the name of a class stays text.
    set_parsing_settings(instantiate_subclass_spec_in_any=False)
