"""An optimizer for the net's matrices: momentum whose update is made orthogonal (Muon).

Every direction of a matrix moves equally far, also those that the gradient hardly shows. Scaled so
that a step is as long as one of AdamW, which takes the vectors and the first and last layers.
"""

import torch


def orthogonal(gradient, steps=5):
    """The nearest matrix with equal singular values, about: Newton-Schulz in bfloat16."""
    x = gradient.bfloat16()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x.T if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Momentum with orthogonal updates for parameters of two or more dimensions."""

    def __init__(self, parameters, lr=2e-3, momentum=0.95, weight_decay=1e-2):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                memory = self.state[parameter].setdefault(
                    "momentum", torch.zeros_like(parameter.grad))
                memory.mul_(group["momentum"]).add_(parameter.grad)
                ahead = parameter.grad.add(memory, alpha=group["momentum"])
                update = orthogonal(ahead.reshape(len(ahead), -1))
                size = 0.2 * max(update.shape) ** 0.5
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update.view_as(parameter), alpha=-group["lr"] * size)
