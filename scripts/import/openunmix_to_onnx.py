"""Makes a model folder of Open-Unmix weights (umxhq, umxl and others of their shape).

    openunmix_to_onnx.py FOLDER OUTPUT [--as-published]

FOLDER holds one .pth file for each stem, named as the project publishes them: `vocals-….pth` and so on.
OUTPUT gets card.json and a .onnx file a stem; `unbraid models add OUTPUT` then takes it in. Needs the
packages in requirements-openunmix.txt. Whose weights they are and under which terms is for their
project to say: umxhq's are published beside an MIT licence, umxl's under CC BY-NC-SA 4.0.

With --as-published the segments are the package's windows of 300 frames side by side; without, they
are longer and overlap. The package's recurrent layers see a whole track at once, ours one segment.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

BINS = 2049
EPSILON = 1e-5
STEMS = ["drums", "bass", "vocals", "other"]


class Net:
    """Builds the .onnx file of one stem node by node."""

    def __init__(self, weights: dict[str, np.ndarray], frames: int) -> None:
        self.weights, self.frames = weights, frames
        self.nodes, self.constants = [], []

    def constant(self, value: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, *inputs: str, output: str = "", outputs: int = 1, **attributes) -> str:
        first = output or f"v{len(self.nodes)}"
        names = [first] + [""] * (outputs - 1)
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return first

    def reshape(self, value: str, *shape: int) -> str:
        return self.node("Reshape", value, self.constant(np.array(shape, np.int64)))

    def linear(self, value: str, layer: str, norm: str) -> str:
        """A product without bias and a batch norm, as one multiplication and one addition."""
        value = self.node("MatMul", value, self.constant(self.weights[f"{layer}.weight"].T))
        part = {key: self.weights[f"{norm}.{key}"]
                for key in ("weight", "bias", "running_mean", "running_var")}
        scale = part["weight"] / np.sqrt(part["running_var"] + EPSILON)
        shift = part["bias"] - part["running_mean"] * scale
        value = self.node("Mul", value, self.constant(scale.astype(np.float32)))
        return self.node("Add", value, self.constant(shift.astype(np.float32)))

    def recurrent(self, value: str, layer: int, hidden: int) -> str:
        """A bidirectional LSTM; PyTorch orders its gates i f g o, ONNX i o f g."""
        def both(key: str) -> np.ndarray:
            sides = []
            for side in ("", "_reverse"):
                i, f, g, o = np.split(self.weights[f"lstm.{key}_l{layer}{side}"], 4)
                sides.append(np.concatenate([i, o, f, g]))
            return np.stack(sides)

        bias = np.concatenate([both("bias_ih"), both("bias_hh")], axis=1)
        value = self.node(
            "LSTM", value, self.constant(both("weight_ih")), self.constant(both("weight_hh")),
            self.constant(bias), hidden_size=hidden, direction="bidirectional")
        # [frame, direction, batch, hidden] to [frame, batch, both directions].
        value = self.node("Transpose", value, perm=[0, 2, 1, 3])
        return self.reshape(value, self.frames, 1, 2 * hidden)

    def build(self) -> onnx.ModelProto:
        weights, frames = self.weights, self.frames
        size, inner = weights["fc1.weight"].shape
        bins = inner // 2
        value = self.node("Slice", "mixture", *(self.constant(np.array([x], np.int64))
                                                for x in (0, bins, 3)))
        value = self.node("Add", value, self.constant(weights["input_mean"]))
        value = self.node("Mul", value, self.constant(weights["input_scale"]))
        value = self.node("Transpose", value, perm=[2, 0, 1, 3])
        value = self.linear(self.reshape(value, frames, inner), "fc1", "bn1")
        value = skip = self.reshape(self.node("Tanh", value), frames, 1, size)
        layers = sum(key.startswith("lstm.weight_ih") for key in weights) // 2
        for layer in range(layers):
            value = self.recurrent(value, layer, size // 2)
        value = self.node("Concat", skip, value, axis=2)
        value = self.node("Relu", self.linear(self.reshape(value, frames, 2 * size), "fc2", "bn2"))
        value = self.reshape(self.linear(value, "fc3", "bn3"), frames, 1, 2, BINS)
        value = self.node("Mul", value, self.constant(weights["output_scale"]))
        value = self.node("Relu", self.node(
            "Add", value, self.constant(weights["output_mean"])))
        value = self.node("Transpose", value, perm=[1, 2, 0, 3])
        self.node("Mul", value, "mixture", output="magnitudes")
        shape = [1, 2, frames, BINS]
        graph = helper.make_graph(
            self.nodes, "open-unmix",
            [helper.make_tensor_value_info("mixture", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("magnitudes", TensorProto.FLOAT, shape)],
            self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--as-published", action="store_true")
    options = parser.parse_args()
    files = {path.name.split("-")[0].split(".")[0]: path for path in options.folder.glob("*.pth")}
    stems = [stem for stem in STEMS if stem in files]
    if len(stems) < 2:
        raise SystemExit(f"{options.folder} holds no .pth files of two or more of {STEMS}")
    segment = (
        {"frames": 300, "context": 0, "crossfade": 0} if options.as_published
        else {"frames": 400, "context": 40, "crossfade": 20})
    options.output.mkdir(parents=True, exist_ok=True)
    nets = []
    for stem in stems:
        state = torch.load(files[stem], map_location="cpu", weights_only=True)
        weights = {key: value.numpy().astype(np.float32) for key, value in state.items()
                   if value.dtype.is_floating_point}
        data = Net(weights, segment["frames"]).build().SerializeToString()
        (options.output / f"{stem}.onnx").write_bytes(data)
        nets.append({"file": f"{stem}.onnx", "sha256": hashlib.sha256(data).hexdigest(),
                     "stems": [stem]})
    axes = ["batch", "channel", "frame", "bin"]
    card = {
        "format": 1, "name": options.output.name, "description": "Open-Unmix.",
        "license": "as its project states", "authors": ["The Open-Unmix project"],
        "sample_rate": 44100,
        # The first frame's centre is on the first sample.
        "stft": {"window": "hann", "fft_size": 4096, "hop": 1024, "lead_in": 2048},
        "segment": segment, "bins": BINS,
        "input": {"kind": "magnitude", "name": "mixture", "axes": axes},
        "output": {"kind": "magnitude", "name": "magnitudes", "axes": axes},
        "masks": {"join": {"wiener": 1}, "above": "zeros"}, "stems": stems, "nets": nets,
    }
    (options.output / "card.json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    main()
