"""Hyperparameters that are saved without asking for it."""

from inspect import signature
from typing import Any, Self

from lightning.pytorch import LightningModule


class ArgumentsKept(LightningModule):
    """A LightningModule that knows the arguments it was made with, whatever subclasses do with them."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Keep the arguments."""
        model: Self = super().__new__(cls)
        object.__setattr__(model, "_given", (args, kwargs))  # too early for what nn.Module sets attributes with
        return model

    def take_arguments(self) -> dict[str, Any]:
        """The arguments by name, with the defaults of those that the class itself names; to be called once."""
        args, kwargs = self.__dict__.pop("_given")
        bound = signature(type(self).__init__).bind(self, *args, **kwargs)
        bound.apply_defaults()
        arguments = dict(list(bound.arguments.items())[1:])  # without self
        for name, parameter in bound.signature.parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD:
                arguments |= arguments.pop(name)
        return arguments
