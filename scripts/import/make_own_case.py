"""Writes a reference case for a net of one's own: the model folder that own_net.py makes, a mixture,
and the stem that PyTorch and numpy take from it.

    make_own_case.py OUTPUT

Needs the packages in requirements-openunmix.txt; loads nothing from a network.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from mixture import mixture, write_mixture
from own_net import BINS, CONTEXT, FFT, HOP, Exported, Net


def main() -> None:
    output = Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, Path(__file__).with_name("own_net.py"), output / "my-net"], check=True)
    sound = mixture(7)
    write_mixture(output / "mixture.wav", sound)
    # Zeros before and after, so that every sample is in as many frames; frames of zeros around those.
    count = -(-(len(sound) + FFT - HOP) // HOP)
    padded = np.zeros((count * HOP + FFT, 2))
    padded[FFT - HOP:FFT - HOP + len(sound)] = sound
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    frames = np.stack([padded[i * HOP:i * HOP + FFT].T * window for i in range(count)], axis=1)
    spectrum = np.fft.rfft(frames)
    seen = np.pad(np.abs(spectrum[..., :BINS]), ((0, 0), (CONTEXT, CONTEXT), (0, 0)))
    with torch.no_grad():
        masks = Exported(Net()).eval()(torch.from_numpy(seen.astype(np.float32))[None])[0]
    kept = np.zeros_like(spectrum)
    kept[..., :BINS] = spectrum[..., :BINS] * masks.numpy()[:, CONTEXT:CONTEXT + count]
    parts = np.fft.irfft(kept) * window
    stem, weight = np.zeros_like(padded), np.zeros((len(padded), 1))
    for i in range(count):
        stem[i * HOP:i * HOP + FFT] += parts[:, i].T
        weight[i * HOP:i * HOP + FFT, 0] += window**2
    stem = (stem / np.maximum(weight, 1e-9))[FFT - HOP:FFT - HOP + len(sound)]
    stem.astype("<f4").tofile(output / "vocals.f32")


if __name__ == "__main__":
    main()
