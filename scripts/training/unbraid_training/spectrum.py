"""The short-time Fourier transform as the Swift program defines it, and its inverse."""

import torch

from . import BINS, FFT_SIZE, HOP

WINDOW = torch.hann_window(FFT_SIZE)  # periodic


def columns(sound):
    """Unscaled STFT of windowed samples without any padding.

    sound [..., samples] -> complex [..., T, 2049]; T = (samples - 4096) / 1024 + 1.
    """
    return torch.fft.rfft(sound.unfold(-1, FFT_SIZE, HOP) * WINDOW.to(sound.device))


def analyse(sound):
    """The whole signal, preceded by enough zeros that each sample is under full overlap.

    sound [..., samples] -> complex [..., T, 2049].
    """
    before = FFT_SIZE - HOP
    count = -(-(sound.shape[-1] + before) // HOP) * HOP + before
    return columns(torch.nn.functional.pad(sound, (before, count - before - sound.shape[-1])))


def synthesise(spectrum, count):
    """Inverse of `analyse`: complex [..., T, 2049] -> [..., count]."""
    pieces = torch.fft.irfft(spectrum, FFT_SIZE) * WINDOW
    lead, frames = pieces.shape[:-2], pieces.shape[-2]
    total = (frames - 1) * HOP + FFT_SIZE
    flat = pieces.reshape(-1, frames, FFT_SIZE).transpose(1, 2)
    sound = torch.nn.functional.fold(flat, (1, total), (1, FFT_SIZE), stride=(1, HOP))
    sound = sound.reshape(*lead, total) / 1.5  # sum of squared Hann windows at 4 times overlap
    start = FFT_SIZE - HOP
    return sound[..., start:start + count]


def project(parts, gains):
    """Mixture and targets of stems, each stem shaped by an equaliser.

    parts [B, 4, 2, T, >= 2048, 2 (re, im)]; gains [B, 4, >= 2048]. Returns the mixture
    [B, 4 (L.re, L.im, R.re, R.im), T, 2048] and the targets [B, 4, 2, T, 2048]: each stem projected
    on the mixture's phase, which is all that a real mask can give back.
    """
    stems = parts[..., :BINS, :] * gains[:, :, None, None, :BINS, None]
    mixture = stems.sum(1)
    size = (mixture[..., 0] ** 2 + mixture[..., 1] ** 2).sqrt()
    unit = mixture / (size + 1e-6)[..., None]
    targets = stems[..., 0] * unit[:, None, ..., 0] + stems[..., 1] * unit[:, None, ..., 1]
    spectrum = torch.stack([mixture[:, 0, ..., 0], mixture[:, 0, ..., 1],
                            mixture[:, 1, ..., 0], mixture[:, 1, ..., 1]], 1)
    return spectrum, targets.contiguous()
