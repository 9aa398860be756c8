"""The loss: every stem's error in units of that stem, so that none is given up.

Plain sums over stems let the loud stems win: a softmax mask then gives up the quiet ones for
hours. Here each stem's error is divided by the stem's own size, with a floor of a share of the
mixture so that silent stems stay finite and do not rule.
"""

import torch

from . import FULL_SCALE
from .net import masks

FLOOR_LINEAR = 0.25
FLOOR_SQUARED = 0.2


def stem_losses(logits, spectrum, targets, weights=(0.5, 1.0, 0.5)):
    """Loss per stem [4].

    logits [B, 8, T, N]; spectrum [B, 4, T, N] (L.re, L.im, R.re, R.im); targets [B, 4, 2, T, N];
    weights: of the absolute, the squared and the root-compressed error.
    """
    scale = 1 / FULL_SCALE
    mixture = torch.stack([(spectrum[:, 0] ** 2 + spectrum[:, 1] ** 2).sqrt(),
                           (spectrum[:, 2] ** 2 + spectrum[:, 3] ** 2).sqrt()], 1) * scale
    targets = targets.float() * scale
    estimate = masks(logits.float()) * mixture[:, None]
    error = estimate - targets
    positive = targets.clamp_min(0)
    roots = (estimate + 1e-7).sqrt() - (positive + 1e-7).sqrt()
    size = mixture.sum((1, 2, 3))[:, None]
    energy = (mixture**2).sum((1, 2, 3))[:, None]
    axes = (2, 3, 4)
    linear = error.abs().sum(axes) / (targets.abs().sum(axes) + FLOOR_LINEAR * size + 1e-3)
    squared = (error**2).sum(axes) / ((targets**2).sum(axes) + FLOOR_SQUARED * energy + 1e-6)
    root = (roots**2).sum(axes) / (positive.sum(axes) + FLOOR_LINEAR * size + 1e-3)
    a, b, c = weights
    return (a * linear + b * squared + c * root).mean(0)
