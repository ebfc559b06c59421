"""Several softmax regressions over one order of examples, trained together: one product instead of one for each.

Each run is an ordinary run in a thread of its own, with its own folder, curves and evaluation. Only the steps of a
stack are taken together: whoever comes last takes them for all, on weights that lie in one matrix.
"""

import threading
from dataclasses import dataclass, field

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from hw1_lightning.functional.inputs import scaled_features
from hw1_lightning.models.linear import LinearClassifier


@dataclass
class Group:
    """Runs that step together.

    Args:
        size: how many runs there are.

    Attributes:
        setting_up: held by a run until it trains, since seeding and drawing first weights must not interleave.
    """

    size: int
    setting_up: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._turn = threading.Condition()
        self._members: list[LinearClassifier] = []
        self._joint: JointSteps | None = None
        self._waiting, self._round = 0, 0
        self._losses = torch.empty(0)

    def join(self, model: LinearClassifier) -> int:
        """Add a run that is about to train.

        Args:
            model: its model.

        Returns:
            Its place in the group.
        """
        with self._turn:
            self._members.append(model)
            return len(self._members) - 1

    def steps(self, place: int, inputs: Tensor, targets: Tensor) -> Tensor:
        """Take the steps of one stack for all, when all that still train have asked for it.

        Args:
            place: of the run that asks.
            inputs: raw inputs, ``(K, B, *input_shape)``, the same for all.
            targets: classes, ``(K, B)``.

        Returns:
            The run's losses, ``(K,)``.
        """
        with self._turn:
            now = self._round
            self._waiting += 1
            if self._waiting == self.size:
                self._advance(inputs, targets)
            while self._round == now:
                self._turn.wait()
                if self._round == now and self._waiting == self.size:  # somebody left, and now all have asked
                    self._advance(inputs, targets)
            return self._losses[:, place]

    def leave(self) -> None:
        """Go on without a run that has ended."""
        with self._turn:
            self.size -= 1
            self._turn.notify_all()

    def _advance(self, inputs: Tensor, targets: Tensor) -> None:
        if self._joint is None:
            self._joint = JointSteps(self._members)
        self._losses = self._joint(inputs, targets)
        self._waiting, self._round = 0, self._round + 1
        self._turn.notify_all()


class JointSteps:
    """SGD steps of R softmax regressions on the same minibatches, each at its own rate and weight decay.

    Their weights become rows of one matrix ``(R C, D)``, so that scores of all are one product and gradients another.
    Each step is that of ``SoftmaxNetworkGradient`` and ``sgd_update``, up to rounding.

    Args:
        models: R models of one shape.
    """

    def __init__(self, models: list[LinearClassifier]) -> None:
        self.count, self.classes, self.scale = len(models), models[0].num_classes, models[0].input_scale
        self.layers = [model.linear for model in models]
        self.weight = torch.cat([layer.weight.data for layer in self.layers])
        self.bias = torch.cat([layer.bias.data for layer in self.layers])
        rates = [model.optimization.learning_rate for model in models]
        decays = [model.optimization.weight_decay or 0.0 for model in models]
        self.rate, self.decay = (self._column(values) for values in (rates, decays))

    def _column(self, values: list[float]) -> Tensor:
        return torch.tensor(values, dtype=self.weight.dtype).repeat_interleave(self.classes)

    @torch.no_grad()
    def __call__(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Take K steps and hand every model its weights; gives the losses before each step, ``(K, R)``."""
        losses = torch.stack([self._step(*minibatch) for minibatch in zip(inputs, targets, strict=True)])
        rows = zip(self.layers, self.weight.split(self.classes), self.bias.split(self.classes), strict=True)
        for layer, weight, bias in rows:
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
        return losses

    def _step(self, inputs: Tensor, targets: Tensor) -> Tensor:
        x = scaled_features(inputs, self.scale, self.weight.dtype)
        scores = torch.addmm(self.bias, x, self.weight.t()).view(len(x), self.count, self.classes)
        log_probabilities = scores.log_softmax(2)
        chosen = targets.view(-1, 1, 1).expand(-1, self.count, 1)
        loss = -log_probabilities.gather(2, chosen).mean(0).squeeze(1)
        delta = log_probabilities.exp().scatter_add_(2, chosen, torch.full_like(scores, -1.0)).div_(len(x)).flatten(1)
        # Both read the weights from before the step.
        gradient = torch.addcmul(torch.mm(delta.t(), x), self.weight, self.decay[:, None])
        self.weight.addcmul_(gradient, self.rate[:, None], value=-1)
        self.bias.addcmul_(torch.addcmul(delta.sum(0), self.bias, self.decay), self.rate, value=-1)
        return loss


class InLockstep(Callback):
    """Makes a run take its steps in a group.

    Args:
        group: which.
    """

    def __init__(self, group: Group) -> None:
        self.group = group
        self._joined = False

    def end(self) -> None:
        """Leave the group; to be called once, however the run has ended."""
        if not self._joined:
            self.group.setting_up.release()
        self.group.leave()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Join, and let the next run set up."""
        if not isinstance(pl_module, LinearClassifier):
            raise TypeError(f"{type(pl_module).__name__} cannot step together with others")
        pl_module.take_steps_with(Member(self.group, self.group.join(pl_module)))
        self._joined = True
        self.group.setting_up.release()


@dataclass(frozen=True)
class Member:
    """One run's way to take steps: ask the group.

    Args:
        group: which.
        place: of the run in it.
    """

    group: Group
    place: int

    def __call__(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Take K steps."""
        return self.group.steps(self.place, inputs, targets)


def can_step_together(model: LightningModule) -> bool:
    """Whether a model's steps are those of ``JointSteps``: softmax regression by SGD at a constant rate, on a CPU."""
    from hw1_lightning.models import LogisticRegression

    if type(model) is not LogisticRegression:  # a subclass may compute something else
        return False
    optimization = model.optimization
    return (
        model.link == "softmax"
        and not model.l1_penalty
        and not optimization.l2_penalty
        and optimization.momentum == 0
        and optimization.is_classical_sgd
    )
