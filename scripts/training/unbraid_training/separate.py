"""Separation as the Swift program does it: segments with context, blended masks, bins above."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from . import BINS, SEGMENT
from .net import features, masks
from .spectrum import analyse, synthesise


def spread(mask, total, top=64):
    """Masks of the net's bins -> masks of all bins: above, the mean of the top ones.

    mask [4, 2, T, 2048] -> [4, 2, T, total].
    """
    above = mask[..., -top:].mean(-1, keepdim=True)
    return torch.cat([mask, above.expand(*mask.shape[:-1], total - mask.shape[-1])], -1)


def channels(spectrum):
    """complex [2, T, bins] -> [1, 4 (L.re, L.im, R.re, R.im), T, 2048]."""
    parts = torch.view_as_real(spectrum[..., :BINS])
    return torch.stack([parts[0, ..., 0], parts[0, ..., 1], parts[1, ..., 0], parts[1, ..., 1]])[None]


class SegmentedNet:
    """A net run in segments as the card says; run: [1, 4, T, 2048] -> masks [1, 4, 2, T, 2048]."""

    def __init__(self, run, segment):
        self.run, self.segment = run, segment

    @classmethod
    def of_folder(cls, folder, segment=None):
        """A model folder (card.json, separator.onnx) by ONNX Runtime."""
        folder = Path(folder)
        card = json.loads((folder / "card.json").read_text())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        session = onnxruntime.InferenceSession(
            str(folder / card["nets"][0]["file"]), options, providers=["CPUExecutionProvider"])
        return cls(lambda x: torch.from_numpy(session.run(["masks"], {"mixture": x.numpy()})[0]),
                   segment or card["segment"])

    @classmethod
    def of_net(cls, net, segment=None):
        """A PyTorch net."""
        net.eval()
        return cls(torch.no_grad()(lambda x: masks(net(*features(x, net.shape.turning)))), segment or SEGMENT)

    def masks(self, spectrum):
        frames, context = self.segment["frames"], self.segment["context"]
        crossfade = self.segment["crossfade"]
        kept = frames - 2 * context
        x = channels(spectrum)
        total = x.shape[2]
        sums = torch.zeros(4, 2, total + kept, BINS)
        weights = torch.zeros(total + kept)
        for start in range(0, total, kept - crossfade):
            piece = torch.zeros(1, 4, frames, BINS)
            first, last = max(0, start - context), min(total, start - context + frames)
            piece[:, :, first - start + context:last - start + context] = x[:, :, first:last]
            mask = self.run(piece)[0]
            fade = torch.ones(kept)
            ramp = (torch.arange(crossfade) + 1) / (crossfade + 1)
            if start > 0:
                fade[:crossfade] = ramp
            if start + kept < total:
                fade[kept - crossfade:] = ramp.flip(0)
            sums[:, :, start:start + kept] += mask[:, :, context:context + kept] * fade[:, None]
            weights[start:start + kept] += fade
            if start + kept >= total:
                break
        return sums[:, :, :total] / weights[:total, None]


def separate(net, mixture):
    """mixture float32 [samples, 2] -> stems [4, samples, 2]."""
    spectrum = analyse(torch.from_numpy(np.ascontiguousarray(mixture.T, np.float32)))
    mask = spread(net.masks(spectrum), spectrum.shape[-1])
    return synthesise(mask * spectrum, len(mixture)).transpose(1, 2).numpy()


def leaks(net, stems):
    """Share of each stem's energy [row] that each stem's mask [column] lets through: [4, 4]."""
    parts = analyse(torch.from_numpy(np.ascontiguousarray(stems.transpose(0, 2, 1), np.float32)))
    spectrum = parts.sum(0)
    mask = spread(net.masks(spectrum), spectrum.shape[-1])
    energy = parts.abs() ** 2
    total = energy.sum((1, 2, 3)).clamp_min(1e-9)
    return torch.stack([(mask**2 * e).sum((1, 2, 3)) for e in energy]).div(total[:, None]).numpy()


def oracle(mixture, stems):
    """Stems [4, samples, 2] by the ratio masks of the true stems: the bound of such masks."""
    parts = analyse(torch.from_numpy(np.ascontiguousarray(stems.transpose(0, 2, 1), np.float32)))
    spectrum = analyse(torch.from_numpy(np.ascontiguousarray(mixture.T, np.float32)))
    ratio = parts.abs() / (parts.abs().sum(0) + 1e-9)
    return synthesise(ratio * spectrum, len(mixture)).transpose(1, 2).numpy()
