"""The lows of a segment explained by few spectra a stem."""

import numpy as np
import torch

from unbraid_training.lowrank import BINS, refined, updated


def test_shares_sum_to_one_and_highs_stay_as_they_are():
    generator = np.random.default_rng(1)
    share = torch.from_numpy(generator.dirichlet(np.ones(4), (50, BINS + 8))).permute(2, 0, 1)
    found = refined(share, torch.from_numpy(generator.random((50, BINS + 8))))
    assert (found.sum(0) - 1).abs().max() < 1e-9
    assert torch.equal(found[..., BINS:], share[..., BINS:])
    assert (found[..., :BINS] - share[..., :BINS]).abs().max() > 0.01


def test_silence_keeps_its_shares():
    share = torch.full((4, 20, BINS), 0.25, dtype=torch.float64)
    assert torch.equal(refined(share, torch.zeros(20, BINS, dtype=torch.float64)), share)


def test_factors_find_what_they_are_made_of():
    generator = np.random.default_rng(2)
    truth = generator.random((1, 60, 2)) @ generator.random((1, 2, 12))
    levels = torch.from_numpy(truth)
    start = torch.ones(1, 60, 2, dtype=torch.float64), torch.from_numpy(generator.random((1, 2, 12)))
    loudness, spectra = updated(levels, *start, 300)
    assert (loudness @ spectra - levels).abs().max() < 0.05


def test_chance_errors_of_masks_are_evened_out():
    generator = np.random.default_rng(3)
    place = np.arange(BINS)
    kick, bass = (np.exp(-((place - c) / 3) ** 2) + 0.01 for c in (4, 12))
    parts = np.stack([generator.random((200, 1)) * kick, generator.random((200, 1)) * bass])
    truth = parts / parts.sum(0)
    mask = np.clip(truth[0] + generator.uniform(-0.5, 0.5, truth[0].shape), 0, 1)
    share = torch.from_numpy(np.stack([mask, 1 - mask]))
    found = refined(share, torch.from_numpy(parts.sum(0) ** 2)).numpy()
    before, after = ((((x - truth) * parts.sum(0)) ** 2).sum() for x in (share.numpy(), found))
    assert after < 0.5 * before
