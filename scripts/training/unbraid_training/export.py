"""Writes a checkpoint as separator.onnx with its card, and checks it against PyTorch."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from . import BINS, FFT_SIZE, HOP, SAMPLE_RATE, SEGMENT, SHORT, STEMS
from .graph import build
from .net import Separator, features, masks


def card(digest, description, segment=None, name="default"):
    """The model card, the contract that the Swift program reads."""
    return {
        "format": 1,
        "name": name,
        "description": description,
        "license": "CC-BY-4.0",
        "authors": ["Unbraid"],
        "sample_rate": SAMPLE_RATE,
        "stft": {"window": "hann", "window_length": FFT_SIZE, "fft_size": FFT_SIZE, "hop": HOP},
        "segment": {**(segment or SEGMENT), "short": SHORT},
        "bins": BINS,
        "input": {"kind": "complex", "name": "mixture",
                  "axes": ["batch", "channel", "frame", "bin"]},
        "output": {"kind": "mask", "name": "masks",
                   "axes": ["batch", "stem", "channel", "frame", "bin"]},
        "masks": {"join": "spatial", "above": {"mean_of_top": 64}},
        "stems": list(STEMS),
        "nets": [{"file": "separator.onnx", "sha256": digest, "stems": list(STEMS)}],
    }


def write(net, folder, description, segment=None):
    """Writes separator.onnx and card.json; returns the greatest difference to PyTorch."""
    segment = segment or SEGMENT
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {k: v.detach().float().numpy() for k, v in net.state_dict().items()}
    model = build(weights, net.shape)
    path = folder / "separator.onnx"
    onnx.save(model, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "card.json").write_text(json.dumps(card(digest, description, segment), indent=2) + "\n")
    return check(net, path, segment["frames"])


def check(net, path, frames):
    """The greatest difference of masks between PyTorch and ONNX Runtime on noise of many levels."""
    generator = np.random.default_rng(1)
    x = generator.normal(0, 1, (1, 4, frames, BINS)) * 10 ** generator.uniform(-4, 3, (1, 1, frames, 1))
    x = x.astype(np.float32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    ours = session.run(["masks"], {"mixture": x})[0]
    half = Separator(net.shape)
    rounded = {k: v.half().float() if v.ndim > 1 else v for k, v in net.state_dict().items()}
    half.load_state_dict(rounded)
    half.eval()
    with torch.no_grad():
        theirs = masks(half(*features(torch.from_numpy(x), net.shape.split))).numpy()
    return float(np.abs(ours - theirs).max())
