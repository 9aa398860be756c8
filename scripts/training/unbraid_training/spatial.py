"""Stems told apart by where they lie between left and right, as the Swift program does it.

A Wiener filter with one covariance for each stem and bin: y_j = s_j R_j (sum of s_k R_k)^-1 x, where
s_j is the share of the mixture's power that the masks give to stem j, and R_j the sum of s_j^2 x x^H
over every other frame of the segment, its trace brought to 2 (Duong, Vincent and Gribonval, 2010).
"""

import torch

STEP = 2  # frames from one that tells where the stems lie to the next
SPREAD = 1e-3  # how much of a covariance is that of sound from everywhere


def shares(mask, mixture):
    """Shares of the mixture's power: mask [stems, 2, T, N], mixture complex [2, T, N] -> [stems, T, N]."""
    power = (mask * mixture.to(torch.complex128).abs() ** 2).sum(1) + 1e-30
    return power / power.sum(0)


def filters(share, mixture, kept):
    """What the stems of a segment are of the mixture's left and right.

    share [stems, T, N], mixture complex [2, T, N], kept a slice of the T frames ->
    complex [stems, 2 (of the stem), 2 (of the mixture), kept frames, N].
    """
    mixture = mixture.to(torch.complex128)
    left, right = mixture
    entries = (left.abs() ** 2, right.abs() ** 2, left * right.conj())
    ll, rr, lr = ((share**2 * x)[:, ::STEP].sum(1, keepdim=True) for x in entries)
    size = (ll + rr) / 2
    there = size > 0
    scale = torch.where(there, (1 - SPREAD) / size.clamp_min(1e-300), 0)
    spread = torch.where(there, SPREAD, 1.0)
    ll, rr, lr = ll * scale + spread, rr * scale + spread, lr * scale
    share = share[:, kept]
    a, b, c = ((share * x).sum(0) for x in (ll, rr, lr))
    determinant = a * b - c.abs() ** 2
    rows = ([ll * b - lr * c.conj(), lr * a - ll * c],
            [lr.conj() * b - rr * c.conj(), rr * a - lr.conj() * c])
    return torch.stack([torch.stack([share * x / determinant for x in row], 1)
                        for row in rows], 1).to(torch.complex64)
