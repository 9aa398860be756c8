"""The sound that the reference cases are made of."""

import wave
from pathlib import Path

import numpy as np

RATE = 44_100


def mixture(seconds: float) -> np.ndarray:
    """Tones with decay, a sweep and noise on two channels, [sample, channel], on the grid of int16."""
    random = np.random.default_rng(1)
    time = np.arange(int(seconds * RATE)) / RATE
    sound = np.zeros((len(time), 2))
    for start in np.arange(0, seconds, 0.37):
        since = np.maximum(time - start, 0)
        note = np.exp(-3 * since) * np.sin(2 * np.pi * random.uniform(60, 4000) * since)
        sound += np.outer(np.where(time >= start, note, 0), random.uniform(0.02, 0.3, 2))
    sweep = np.sin(2 * np.pi * (100 * time + 250 * time**2))
    sound += np.outer(sweep, [0.05, 0.08])
    sound += 0.05 * random.standard_normal(sound.shape)
    # The package drops nothing and adds zeros in front: a click at the first sample shows both.
    sound[0] = [0.9, -0.9]
    return np.round(np.clip(sound, -0.99, 0.99) * 32_767) / 32_768


def write_mixture(path: Path, sound: np.ndarray) -> None:
    """Writes a mixture as 16-bit WAV, which holds it exactly."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32_768).astype("<i2").tobytes())
