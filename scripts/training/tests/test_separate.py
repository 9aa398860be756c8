"""Separation in segments, by masks and by places."""

import numpy as np
import torch

from unbraid_training import BINS
from unbraid_training.separate import SegmentedNet, leaks, separate
from unbraid_training.spatial import SPREAD, STEP, filters, shares

SEGMENT = {"frames": 48, "context": 8, "crossfade": 4}


def noisy_masks(x):
    """Masks that hang on what a bin holds alone, so that segments see the same."""
    power = x[:, 0] ** 2 + x[:, 1] ** 2 + 2 * x[:, 2] ** 2 + x[:, 3] ** 2
    logits = torch.stack([torch.sin(power * (i + 1)) for i in range(8)], 1)
    return torch.softmax(logits.reshape(len(x), 4, 2, *x.shape[2:]), 1)


def test_stems_sum_to_the_mixture_in_every_segment():
    mixture = np.random.default_rng(1).normal(0, 0.1, (120_000, 2)).astype(np.float32)
    for spatial in (False, True):
        stems = separate(SegmentedNet(noisy_masks, SEGMENT, spatial), mixture)
        assert np.abs(stems.sum(0) - mixture).max() < 1e-5


def test_masks_alone_are_those_of_one_segment():
    mixture = np.random.default_rng(2).normal(0, 0.1, (60_000, 2)).astype(np.float32)
    short = separate(SegmentedNet(noisy_masks, SEGMENT, False), mixture)
    whole = separate(SegmentedNet(noisy_masks, {**SEGMENT, "frames": 128}, False), mixture)
    assert np.abs(short - whole).max() < 1e-5


def test_filters_are_what_the_definition_gives():
    generator = np.random.default_rng(3)
    frames, bins = 12, 3
    x = generator.normal(size=(2, frames, bins)) + 1j * generator.normal(size=(2, frames, bins))
    mask = generator.random((4, 2, frames, bins))
    mask /= mask.sum(0)
    mixture = torch.from_numpy(x)
    found = filters(shares(torch.from_numpy(mask), mixture), mixture, slice(2, 9)).numpy()
    share = (mask * np.abs(x) ** 2).sum(1)
    share /= share.sum(0)
    for n in range(bins):
        covariances = []
        for j in range(4):
            sum_ = sum(share[j, t, n] ** 2 * np.outer(x[:, t, n], x[:, t, n].conj())
                       for t in range(0, frames, STEP))
            covariances.append((1 - SPREAD) * 2 * sum_ / np.trace(sum_) + SPREAD * np.eye(2))
        for t in range(2, 9):
            whole = sum(share[j, t, n] * covariances[j] for j in range(4))
            for j in range(4):
                expected = share[j, t, n] * covariances[j] @ np.linalg.inv(whole)
                assert np.allclose(found[j, :, :, t - 2, n], expected, atol=1e-5)


def test_places_tell_apart_what_masks_do_not():
    """Two sources on two sides that take turns, under masks that half tell them apart."""
    generator = np.random.default_rng(4)
    turns = np.repeat(generator.random(40) < 0.5, 3000)[:, None]
    sound = generator.normal(0, 0.1, (2, 120_000, 1)).astype(np.float32)
    stems = np.zeros((4, 120_000, 2), np.float32)
    stems[0] = sound[0] * np.where(turns, 1, 0.1) * [1, 0.2]
    stems[1] = sound[1] * np.where(turns, 0.1, 1) * [0.2, 1]

    def masks(x):
        left, right = ((x[:, 2 * i] ** 2 + x[:, 2 * i + 1] ** 2).mean(2, keepdim=True) for i in (0, 1))
        share = (0.25 + 0.5 * left / (left + right + 1e-9)).expand(-1, -1, BINS)
        nothing = torch.zeros_like(share)
        planes = torch.stack([share, 1 - share, nothing, nothing], 1)
        return planes[:, :, None].expand(-1, -1, 2, -1, -1)

    by_masks, by_places = (leaks(SegmentedNet(masks, SEGMENT, spatial), stems) for spatial in (False, True))
    assert by_masks[0, 1] > 0.05 and by_places[0, 1] < by_masks[0, 1] / 4
    assert by_places[0, 0] > by_masks[0, 0]
