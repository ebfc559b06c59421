"""Classes by their names: which there are, and which may be named."""

import inspect
from collections.abc import Sequence

# Whose classes a config file, a checkpoint or an option may name: importing a module executes it.
TRUSTED = ("hw1_lightning", "lightning", "torch")


def concrete_subclasses(base: type) -> dict[str, type]:
    """The concrete subclasses of a base class by short name: what the command line may choose from."""
    found: dict[str, type] = {}
    subclasses: list[type] = base.__subclasses__()
    for kind in subclasses:
        own = {} if inspect.isabstract(kind) else {kind.__name__: kind}
        found |= {**own, **concrete_subclasses(kind)}
    return found


def path_of(kind: type) -> str:
    """The import path of a class, ``module.Name``."""
    return f"{kind.__module__}.{kind.__qualname__}"


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
