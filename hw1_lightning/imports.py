"""Classes by their names: which there are, and which may be named."""

import importlib
import inspect
import sys
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.errors import InputError

# Whose classes a config file, a checkpoint or an option may name: importing a module executes it.
TRUSTED = ("hw1_lightning", "lightning", "torch")


def concrete_subclasses(base: type) -> dict[str, type]:
    """Return the concrete subclasses of a base class by short name: what the command line may choose from.

    Private classes, and those that a library makes while it runs, cannot be imported by a name and are left out.
    """
    found: dict[str, type] = {}
    subclasses: list[type] = base.__subclasses__()
    for kind in subclasses:
        is_named = getattr(sys.modules.get(kind.__module__), kind.__name__, None) is kind
        own = is_named and not kind.__name__.startswith("_") and not inspect.isabstract(kind)
        found |= {**({kind.__name__: kind} if own else {}), **concrete_subclasses(kind)}
    return found


def path_of(kind: type) -> str:
    """The import path of a class, ``module.Name``."""
    return f"{kind.__module__}.{kind.__qualname__}"


def import_trusted(packages: Sequence[str]) -> None:
    """Import what the user trusts, from the working folder first.

    The folder is searched last from then on, so that nothing in it takes the place of an installed package.

    Args:
        packages: the names of modules or packages.

    Raises:
        InputError: if there is none of a name, or its import ends with an error.
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
            raise InputError(
                f"--trust is '{name}', but there is no {name}.py in {Path.cwd()}, nor an installed package of that name"
            ) from error
        raise InputError(f"--trust is '{name}', whose import ended with: {error}") from error
    except Exception as error:  # whatever its code does
        raise InputError(f"--trust is '{name}', whose import ended with {type(error).__name__}: {error}") from error


def limit_imports(further: Sequence[str] = ()) -> None:
    """From now on, let configs and options name nothing but classes of trusted packages; others are not imported.

    Args:
        further: packages to trust beside ``TRUSTED``, until the process ends.
    """
    from jsonargparse import set_parsing_settings  # imported late: what only wants a list of classes needs it not

    set_parsing_settings(
        import_path_denylist=["*"],
        import_path_allowlist=[*TRUSTED, *further],
        # Where anything may stand, a class stays what it is written as: text.
        instantiate_subclass_spec_in_any=False,
    )
