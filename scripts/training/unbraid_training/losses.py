"""The loss: every stem's error in units of that stem, band by band, so that none is given up.

Plain sums over stems let the loud stems win: a softmax mask then gives up the quiet ones for
hours. Plain sums over bins let the lows win: nearly all energy of music lies below 700 Hz. Here
the absolute and the root-compressed error are divided, in each of nine bands, by the stem's own
size in that band, with a floor of a share of the mixture so that silent stems stay finite and do
not rule. The squared error over all bins, which is what SDR measures, is added.
"""

import torch

from . import FULL_SCALE
from .net import masks

EDGES = (0, 12, 24, 48, 96, 192, 384, 768, 1280, 2048)  # bins: about an octave a band
BAND_WEIGHTS = (1, 1, 1, 1, 1, 1, 1, 0.6, 0.4)
FLOOR_LINEAR = 1.0
FLOOR_SQUARED = 0.03
FLOOR_BAND = 0.003  # of the mixture over all bands: bands that nobody hears do not count
WEIGHTS = (0.1, 1.0, 0.25)  # of the absolute, the squared and the root-compressed error


def banded(sums):
    """[..., 2048] -> [..., 9] sums over the bands."""
    return torch.stack([sums[..., a:b].sum(-1) for a, b in zip(EDGES, EDGES[1:])], -1)


def stem_losses(logits, spectrum, targets, known=None, weights=WEIGHTS):
    """Loss per stem [4].

    logits [B, 8, T, N]; spectrum [B, 4, T, N] (L.re, L.im, R.re, R.im); targets [B, 4, 2, T, N];
    known: [B, 4], 1 where the target of a stem is known, else 0;
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
    axes = (2, 3)  # sums over channels and frames: [B, 4, N]
    absolute, square, root = error.abs().sum(axes), (error**2).sum(axes), (roots**2).sum(axes)
    size, energy = banded(targets.abs().sum(axes)), (targets**2).sum((2, 3, 4))
    mixture_size = banded(mixture.sum((1, 2)))[:, None]
    floor = (FLOOR_LINEAR * mixture_size + FLOOR_BAND * mixture_size.sum(-1, keepdim=True)
             + 1e-4)
    share = torch.tensor(BAND_WEIGHTS, device=size.device) / sum(BAND_WEIGHTS)
    linear = (banded(absolute) / (size + floor) * share).sum(-1)
    compressed = (banded(root) / (size + floor) * share).sum(-1)
    floor = FLOOR_SQUARED * (mixture**2).sum((1, 2, 3))[:, None] + 1e-6
    squared = ((square.sum(-1) + floor) / (energy + floor)).log()
    a, b, c = weights
    losses = a * linear + b * squared + c * compressed
    if known is None:
        return losses.mean(0)
    return (losses * known).sum(0) / known.sum(0).clamp_min(1)
