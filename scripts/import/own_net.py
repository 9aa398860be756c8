"""Brings a PyTorch net of one's own: exports it, writes its card, done. A worked example to change.

    own_net.py OUTPUT

OUTPUT becomes a model folder; `unbraid models OUTPUT` checks it and `unbraid models add OUTPUT` takes it
in. Needs torch and onnx, as in requirements-openunmix.txt. The net here has random weights: put the
class and the weights of yours in its place.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch

FRAMES, BINS = 128, 1024  # What the net sees at once.
CONTEXT = 8  # Frames at both ends of that which it needs to see and gives no good masks for.
FFT, HOP = 2048, 512


class Net(torch.nn.Module):
    """Any net that looks at a spectrogram."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(2, 12, 5, padding=2), torch.nn.BatchNorm2d(12), torch.nn.ReLU(),
            torch.nn.Conv2d(12, 2, 5, padding=2))

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        return self.layers(value)


class Exported(torch.nn.Module):
    """The net from the mixture's magnitudes to a mask: scaling and logarithms belong into the file."""

    def __init__(self, net: torch.nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, mixture: torch.Tensor) -> torch.Tensor:
        """Takes [1, left and right, frame, bin], gives a mask of the same shape."""
        return torch.sigmoid(self.net(torch.log(mixture + 1e-3)))


def main() -> None:
    output = Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    file = output / "vocals.onnx"
    torch.onnx.export(
        Exported(Net()).eval(), torch.rand(1, 2, FRAMES, BINS), file, input_names=["mixture"],
        output_names=["mask"], opset_version=17, dynamo=False)
    axes = ["batch", "channel", "frame", "bin"]
    card = {
        "format": 1, "name": output.name, "description": "A net of my own.",
        "license": "CC0-1.0", "authors": ["Me"], "sample_rate": 44100,
        "stft": {"window": "hann", "fft_size": FFT, "hop": HOP},
        "segment": {"frames": FRAMES, "context": CONTEXT, "crossfade": 8}, "bins": BINS,
        "input": {"kind": "magnitude", "name": "mixture", "axes": axes},
        "output": {"kind": "mask", "name": "mask", "axes": axes},
        "masks": {"join": "none", "above": "zeros"}, "stems": ["vocals"],
        "nets": [{"file": file.name, "stems": ["vocals"],
                  "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}],
    }
    (output / "card.json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    main()
