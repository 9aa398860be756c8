"""Writes a checkpoint as separator.onnx with its card, and checks it against PyTorch; and the Swift
engine against PyTorch and ONNX Runtime."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper

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
    _, found = both(net, path, segment["frames"])
    return float(np.abs(found["pytorch"] - found["onnxruntime"]).max())


def both(net, path, frames):
    """Noise of many levels [1, 4, frames, 2048], and its masks by PyTorch and by ONNX Runtime."""
    generator = np.random.default_rng(1)
    x = generator.normal(0, 1, (1, 4, frames, BINS)) * 10 ** generator.uniform(-4, 3, (1, 1, frames, 1))
    x = x.astype(np.float32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    half = Separator(net.shape)
    rounded = {k: v.half().float() if v.ndim > 1 else v for k, v in net.state_dict().items()}
    half.load_state_dict(rounded)
    half.eval()
    with torch.no_grad():
        theirs = masks(half(*features(torch.from_numpy(x), net.shape.split))).numpy()
    return x, {"pytorch": theirs, "onnxruntime": session.run(["masks"], {"mixture": x})[0]}


def check_engine(net, folder, bench, frames=64):
    """Runs the Swift engine (`unbraid-bench conformance`) on cases made by PyTorch and ONNX Runtime;
    returns its largest error in dB of the masks' root mean square.

    Raises RuntimeError with what it says where a mask differs by more than ONNX's own tests allow.
    """
    path = Path(folder) / "separator.onnx"
    x, found = both(net, path, frames)
    with tempfile.TemporaryDirectory() as cases:
        for name, expected in found.items():
            data = Path(cases) / name / "test_data_set_0"
            data.mkdir(parents=True)
            shutil.copy(path, data.parent / "model.onnx")
            for file, array, tensor in (("input_0.pb", x, "mixture"), ("output_0.pb", expected, "masks")):
                (data / file).write_bytes(numpy_helper.from_array(array, tensor).SerializeToString())
        done = subprocess.run([bench, "conformance", cases, "--json"], capture_output=True, text=True)
    counts = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
    if done.returncode != 0 or counts.get("passed") != len(found):
        raise RuntimeError(f"the engine differs: {done.stdout}{done.stderr}")
    return counts["worst_passed_error_db"]
