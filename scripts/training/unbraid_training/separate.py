"""Separation as the Swift program does it: segments with context, blended masks, bins above."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from . import BINS, SEGMENT
from .lowrank import refined
from .net import features, masks
from .spatial import filters, shares
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

    def __init__(self, run, segment, spatial=True):
        self.run, self.segment, self.spatial = run, segment, spatial

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
                   segment or card["segment"], card["masks"]["join"] == "spatial")

    @classmethod
    def of_net(cls, net, segment=None):
        """A PyTorch net."""
        net.eval()
        return cls(torch.no_grad()(lambda x: masks(net(*features(x, net.shape.split)))), segment or SEGMENT)

    def stems(self, mixture, *sounds):
        """The stems of a mixture, complex [2, T, bins] -> [4, 2, T, bins]; with other sounds of its
        size, what becomes of each of these where the mixture is taken apart."""
        frames, context = self.segment["frames"], self.segment["context"]
        crossfade = self.segment["crossfade"]
        kept = frames - 2 * context
        total = mixture.shape[1]
        padded = [torch.nn.functional.pad(x, (0, 0, context, frames)) for x in (mixture, *sounds)]
        outs = [x.new_zeros(4, 2, total + kept, x.shape[2]) for x in padded[1:] or padded]
        weights = torch.zeros(total + kept)
        for start in range(0, total, kept - crossfade):
            pieces = [x[:, start:start + frames] for x in padded]
            fade = torch.ones(kept)
            ramp = (torch.arange(crossfade) + 1) / (crossfade + 1)
            if start > 0:
                fade[:crossfade] = ramp
            if start + kept < total:
                fade[kept - crossfade:] = ramp.flip(0)
            found = self.segment_stems(*pieces, kept=slice(context, context + kept))
            for out, part in zip(outs, found):
                out[:, :, start:start + kept] += part * fade[:, None]
            weights[start:start + kept] += fade
            if start + kept >= total:
                break
        outs = [out[:, :, :total] / weights[:total, None] for out in outs]
        return outs if sounds else outs[0]

    def segment_stems(self, mixture, *sounds, kept):
        """The same for the frames kept of one segment."""
        mask = self.run(channels(mixture))[0]
        top = spread(mask[:, :, kept], mixture.shape[2])
        heard = [x[:, kept] for x in sounds or (mixture,)]
        if not self.spatial:
            return [top * x for x in heard]
        bins = mixture[..., :BINS]
        share = refined(shares(mask, bins), (bins.abs() ** 2).sum(0))
        matrix = filters(share, bins, kept)
        return [torch.cat([(matrix * x[..., :BINS]).sum(2), (top * x)[..., BINS:]], -1)
                for x in heard]


def separate(net, mixture):
    """mixture float32 [samples, 2] -> stems [4, samples, 2]."""
    spectrum = analyse(torch.from_numpy(np.ascontiguousarray(mixture.T, np.float32)))
    return synthesise(net.stems(spectrum), len(mixture)).transpose(1, 2).numpy()


def leaks(net, stems):
    """Share of each stem's energy [row] that goes into each stem that comes out [column]: [4, 4]."""
    parts = analyse(torch.from_numpy(np.ascontiguousarray(stems.transpose(0, 2, 1), np.float32)))
    total = (parts.abs() ** 2).sum((1, 2, 3)).clamp_min(1e-9)
    found = net.stems(parts.sum(0), *parts)
    return torch.stack([(x.abs() ** 2).sum((1, 2, 3)) for x in found]).div(total[:, None]).numpy()


def oracle(mixture, stems):
    """Stems [4, samples, 2] by the ratio masks of the true stems: the bound of such masks."""
    parts = analyse(torch.from_numpy(np.ascontiguousarray(stems.transpose(0, 2, 1), np.float32)))
    spectrum = analyse(torch.from_numpy(np.ascontiguousarray(mixture.T, np.float32)))
    ratio = parts.abs() / (parts.abs().sum(0) + 1e-9)
    return synthesise(ratio * spectrum, len(mixture)).transpose(1, 2).numpy()
