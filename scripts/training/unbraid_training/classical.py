"""A separator without learning, as the bar that any net must pass.

Harmonic-percussive separation by median filters (Fitzgerald, 2010), bass below 150 Hz, the voice
from what is harmonic, in the middle and between 150 Hz and 8 kHz.
"""

import numpy as np
import torch
from scipy import ndimage

from .spectrum import analyse, synthesise

BIN = 44100 / 4096


def classical(mixture):
    """mixture [samples, 2] -> stems [4, samples, 2]."""
    spectrum = analyse(torch.from_numpy(np.ascontiguousarray(mixture.T, np.float32))).numpy()
    left, right = np.abs(spectrum)
    total = np.abs(spectrum).sum(0) + 1e-9
    harmonic = ndimage.median_filter(total, (17, 1))
    percussive = ndimage.median_filter(total, (1, 17))
    percussion = percussive**2 / (percussive**2 + harmonic**2 + 1e-9)
    frequency = np.arange(total.shape[1]) * BIN
    low = 1 / (1 + (frequency / 150) ** 8)
    voice_band = (1 - low) / (1 + (frequency / 8000) ** 4)
    side = np.abs(spectrum[0] - spectrum[1])
    middle = np.abs(spectrum[0] + spectrum[1])
    centre = np.clip(1 - side / (middle + 1e-9), 0, 1)
    steady = 1 - percussion
    masks = np.stack([percussion, steady * low, steady * voice_band * centre,
                      steady * (1 - low - voice_band * centre).clip(0)])
    masks /= masks.sum(0) + 1e-9
    stems = torch.from_numpy(masks[:, None].astype(np.float32) * spectrum[None])
    return synthesise(stems, len(mixture)).transpose(1, 2).numpy()
