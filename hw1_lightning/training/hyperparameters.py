"""Save the arguments of a model as its hyperparameters, without a call in its ``__init__``."""

from inspect import signature
from typing import Any, Self

from lightning.pytorch import LightningModule


class ArgumentsKept(LightningModule):
    """A LightningModule that keeps the arguments it was made with, those of subclasses included."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Create the object and store the arguments."""
        model: Self = super().__new__(cls)
        # nn.Module's own way to set attributes works only after __init__.
        object.__setattr__(model, "_given", (args, kwargs))
        return model

    def take_arguments(self) -> dict[str, Any]:
        """Return the arguments by name, with the class's own defaults; call this once."""
        args, kwargs = self.__dict__.pop("_given")
        bound = signature(type(self).__init__).bind(self, *args, **kwargs)
        bound.apply_defaults()
        arguments = dict(list(bound.arguments.items())[1:])  # without self
        for name, parameter in bound.signature.parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD:
                arguments |= arguments.pop(name)
        return arguments
