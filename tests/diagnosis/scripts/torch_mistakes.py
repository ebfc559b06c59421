"""Mistakes of question 2: each breaks one thing of a correct PyTorch program."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer
from torch.utils.data import DataLoader, TensorDataset

from tests.diagnosis.scripts.mistake import Mistake
from tests.diagnosis.scripts.torch_programs import Program, Split
from tests.diagnosis.scripts.wrong_data import MEASURED, PIXELS

Edit = Callable[[nn.Sequential], nn.Module]


def is_linear(program: Program) -> bool:
    return not program.hidden


def is_network(program: Program) -> bool:
    return bool(program.hidden)


def one_vs_rest(scores: Tensor, labels: Tensor) -> Tensor:
    targets = functional.one_hot(labels, scores.shape[1]).to(scores.dtype)
    each: Tensor = functional.binary_cross_entropy_with_logits(scores, targets, reduction="none")
    return each.sum(1).mean()


def one_vs_rest_mean(scores: Tensor, labels: Tensor) -> Tensor:
    targets = functional.one_hot(labels, scores.shape[1]).to(scores.dtype)
    return functional.binary_cross_entropy_with_logits(scores, targets)


def softmax_at_the_end(model: nn.Sequential) -> nn.Module:
    return model.append(nn.Softmax(dim=1))


def without_dropout(*places: int) -> Edit:
    """Remove the dropout layers with these indices, -1 for the last one."""

    def edit(model: nn.Sequential) -> nn.Module:
        layers = [layer for layer in model if isinstance(layer, nn.Dropout)]
        removed = [layers[place] for place in places]
        return nn.Sequential(*(layer for layer in model if not any(layer is other for other in removed)))

    return edit


def with_dropout_on_inputs(model: nn.Sequential) -> nn.Module:
    (p,) = {layer.p for layer in model if isinstance(layer, nn.Dropout)}
    return nn.Sequential(nn.Dropout(p), *model)


def with_keep_probability(model: nn.Sequential) -> nn.Module:
    for layer in model:
        if isinstance(layer, nn.Dropout):
            layer.p = 1 - layer.p
    return model


def initialised(draw: Callable[[Tensor], object], zero_biases: bool = True) -> Edit:
    def edit(model: nn.Sequential) -> nn.Module:
        for layer in model:
            if isinstance(layer, nn.Linear):
                draw(layer.weight)
                if zero_biases:
                    nn.init.zeros_(layer.bias)
        return model

    return edit


def he(weight: Tensor) -> None:
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def in_file_order(program: Program, train: Split) -> Iterable[Split]:
    return DataLoader(TensorDataset(*train), batch_size=program.batch_size)


def shuffled_once(program: Program, train: Split) -> Iterable[Split]:
    order = torch.randperm(len(train[1]), generator=torch.Generator().manual_seed(program.seed))
    return in_file_order(program, (train[0][order], train[1][order]))


def same_batches(program: Program, train: Split) -> Iterable[Split]:
    """Make the list of minibatches once, before the loop over epochs."""
    generator = torch.Generator().manual_seed(program.seed)
    return list(DataLoader(TensorDataset(*train), program.batch_size, shuffle=True, generator=generator))


def without_last_batch(program: Program, train: Split) -> Iterable[Split]:
    return DataLoader(
        TensorDataset(*train),
        batch_size=program.batch_size,
        shuffle=True,
        drop_last=True,
        generator=torch.Generator().manual_seed(program.seed),
    )


def sgd_without_decay_of_biases(program: Program, model: nn.Module) -> Optimizer:
    weights = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups: list[dict[str, Any]] = [{"params": weights, "weight_decay": program.weight_decay}, {"params": biases}]
    return torch.optim.SGD(groups, lr=program.learning_rate, momentum=program.momentum)


def adam(program: Program, model: nn.Module) -> Optimizer:
    return torch.optim.Adam(model.parameters(), lr=program.learning_rate, weight_decay=program.weight_decay)


def _has_another(field: str, value: float) -> Callable[[Program], bool]:
    return lambda program: getattr(program, field) != value


def _other_values() -> dict[str, Mistake]:
    """Values that belong to another experiment."""
    mistakes = {}
    for field, values in {
        "learning_rate": (0.1, 0.002, 0.001, 0.00001),
        "batch_size": (32, 64, 512, 1024),
        "momentum": (0.0, 0.9),
    }.items():
        for value in values:
            text = f"{value:.5f}".rstrip("0") if field == "learning_rate" else value
            mistakes[f"{field}_{text}"] = Mistake({field: value}, _has_another(field, value), field)
    return mistakes


LISTED: dict[str, Mistake] = {
    "softmax_before_loss": Mistake({"edit": softmax_at_the_end}),
    "sum_loss": Mistake({"loss": nn.CrossEntropyLoss(reduction="sum")}),
    "weight_decay_wrong_sign": Mistake({"weight_decay": 0.0, "penalty": -0.01}, is_linear),
    "weight_decay_twice": Mistake({"penalty": 0.01}, is_linear),
    "weight_decay_without_half": Mistake({"weight_decay": 0.0, "penalty": 0.02}, is_linear, "weight_decay_twice"),
    "weight_decay_not_on_biases": Mistake({"optimizer": sgd_without_decay_of_biases}, is_linear),
    "weight_decay_forgotten": Mistake({"weight_decay": 0.0}, is_linear),
    "no_shuffling": Mistake({"loader": in_file_order}),
    "shuffled_once": Mistake({"loader": shuffled_once}),
    "shuffled_once_list": Mistake({"loader": same_batches}, family="shuffled_once"),
    "last_batch_dropped": Mistake({"loader": without_last_batch}),
    "gradients_not_zeroed": Mistake({"zero_gradients": False}),
    "train_mode_forgotten": Mistake({"train_mode_again": False}, is_network),
    "means_of_batches": Mistake({"average": True}),
    "weight_decay_left_in": Mistake({"weight_decay": 0.01}, is_network),
    "evaluation_with_dropout": Mistake({"eval_mode": False}, is_network),
    "dropout_missing_first": Mistake({"edit": without_dropout(0)}, is_network),
    "dropout_missing_last": Mistake({"edit": without_dropout(-1)}, is_network),
    "dropout_missing": Mistake({"edit": without_dropout(0, 1)}, is_network),
    "dropout_on_inputs": Mistake({"edit": with_dropout_on_inputs}, is_network),
    "keep_probability": Mistake(
        {"edit": with_keep_probability}, lambda program: bool(program.hidden) and program.dropout != 0.5
    ),
    "one_layer_too_few": Mistake({"hidden": (200,)}, is_network),
    "one_layer_too_many": Mistake({"hidden": (200, 200, 200)}, is_network),
    "sigmoid": Mistake({"activation": nn.Sigmoid}, is_network),
    "tanh": Mistake({"activation": nn.Tanh}, is_network),
    "init_he": Mistake({"edit": initialised(he)}),
    "init_he_weights_only": Mistake({"edit": initialised(he, zero_biases=False)}, family="init_he"),
    "init_xavier": Mistake({"edit": initialised(nn.init.xavier_uniform_)}),
    "init_xavier_normal": Mistake({"edit": initialised(nn.init.xavier_normal_)}, family="init_xavier"),
    "init_zero": Mistake({"edit": initialised(nn.init.zeros_)}),
    "init_normal": Mistake({"edit": initialised(nn.init.normal_)}),
    "bias_missing": Mistake({"bias": False}),
    "one_vs_rest": Mistake({"loss": one_vs_rest}),
    "one_vs_rest_mean": Mistake({"loss": one_vs_rest_mean}, family="one_vs_rest"),
    "adam": Mistake({"optimizer": adam}),
    "best_epoch": Mistake({"best_epoch": True}),
    "epochs_100": Mistake({"epochs": 1 / 2}, is_network, "epochs"),
    "epochs_200": Mistake({"epochs": 2.0}, is_linear, "epochs"),
    **{
        name: Mistake({"data": change}, family="pixels_standardised" if "standardised" in name else "", data=data)
        for name, (data, change) in PIXELS.items()
    },
    **{name: Mistake({"data": change}) for name, change in MEASURED.items()},
    **_other_values(),
}
