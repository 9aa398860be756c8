"""What few spectra say of the lows of a segment, as the Swift program hears it.

A kick, or a bass on a string, sounds alike each time; nets this small forget that. The stems' shares
of the lows are explained by non-negative matrix factorisation, a few spectra for each stem and how
loud they are in each frame (D. Lee and H. S. Seung, Algorithms for non-negative matrix
factorization, 2001: updates for the Kullback-Leibler divergence), first each stem alone, then all
of them the mixture. What comes of it and what the masks say are multiplied.
"""

import math

import torch

BINS = 32  # the lowest so many, up to 345 Hz
SPECTRA = 6  # for each stem
ROUNDS, TOGETHER = 20, 4  # of updates, of each stem alone and of all together
TRUST = 0.7  # in what the spectra say; the rest in the masks
FLOOR = 1e-6  # added to magnitudes, of their mean
DOUBT = 1e-3  # added to shares before they divide


def refined(share, power):
    """Shares of the mixture's power [stems, T, N] in a segment, power [T, N] -> the same, lows refined."""
    lows = share[..., :BINS]
    level = power[:, :BINS].to(share.dtype).sqrt()
    if level.max() <= 0:
        return share
    level = level / level.mean()
    order = torch.arange(1, SPECTRA + 1, dtype=level.dtype)[:, None]
    place = (torch.arange(level.shape[1], dtype=level.dtype) + 0.5) / level.shape[1]
    spectra = (1 + 0.5 * torch.cos(math.pi * order * place)).expand(len(share), -1, -1)
    loudness = torch.ones(len(share), len(level), SPECTRA, dtype=level.dtype)
    loudness, spectra = updated(lows * level + FLOOR, loudness, spectra, ROUNDS)
    stems = len(share)
    loudness = loudness.permute(1, 0, 2).reshape(1, len(level), -1)
    spectra = spectra.reshape(1, stems * SPECTRA, -1)
    loudness, spectra = updated(level[None] + FLOOR, loudness, spectra, TOGETHER)
    loudness = loudness.reshape(len(level), stems, SPECTRA).permute(1, 0, 2)
    explained = loudness @ spectra.reshape(stems, SPECTRA, -1)
    explained = explained / explained.sum(0)
    found = lows * ((explained + DOUBT) / (lows + DOUBT)) ** TRUST
    return torch.cat([found / found.sum(0), share[..., BINS:]], -1)


def updated(levels, loudness, spectra, rounds):
    """Rounds of multiplicative updates of levels [B, T, N] ~ loudness [B, T, K] @ spectra [B, K, N]."""
    for _ in range(rounds):
        ratio = levels / (loudness @ spectra)
        loudness = loudness * (ratio @ spectra.mT) / spectra.sum(2)[:, None]
        ratio = levels / (loudness @ spectra)
        spectra = spectra * (loudness.mT @ ratio) / loudness.sum(1)[..., None]
    return loudness, spectra
