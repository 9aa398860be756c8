"""Writes a reference case for the import of MDX nets: a small TFC-TDF net of random weights as an
.onnx file, a mixture of one chunk, and the stem that the audio-separator package takes from it.

    make_mdx_case.py OUTPUT

Needs the packages in requirements-mdx.txt; loads nothing from a network.

The mixture fits in one of the package's chunks, and its overlap is 0, so that it takes one chunk. On
a longer track it mirrors the sound at both ends of every chunk and blends the chunks by a window as
long as they are; Unbraid shows the net what really comes before and after instead. So the two agree
within a chunk, and cannot agree where chunks meet.
"""

import logging
import sys
import types
from pathlib import Path

# The package loads this converter, and uses it only for chunks of another length than the net's.
sys.modules["onnx2torch"] = types.ModuleType("onnx2torch")

import numpy as np
import onnx
import torch
from audio_separator.separator.architectures.mdx_separator import MDXSeparator
from onnx import TensorProto, helper, numpy_helper

from mixture import RATE, mixture, write_mixture

FFT, HOP, BINS, FRAMES, GAIN = 2560, 1024, 1024, 128, 1.035


class Net:
    """Builds an .onnx file node by node, every constant random."""

    def __init__(self) -> None:
        self.nodes, self.constants, self.random = [], [], np.random.default_rng(3)

    def constant(self, value: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value.astype(np.float32), name))
        return name

    def node(self, kind: str, *inputs: str, **attributes) -> str:
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def weights(self, shape: tuple, fan_in: int) -> str:
        bound = (6 / fan_in) ** 0.5
        return self.constant(self.random.uniform(-bound, bound, shape))

    def norm(self, value: str, channels: int) -> str:
        scale, shift, mean = (self.random.uniform(low, high, channels)
                              for low, high in ((0.5, 1.5), (-0.2, 0.2), (-0.2, 0.2)))
        variance = self.random.uniform(0.5, 1.5, channels)
        names = [self.constant(part) for part in (scale, shift, mean, variance)]
        return self.node("Relu", self.node("BatchNormalization", value, *names))

    def convolution(self, value: str, before: int, after: int, size: int, stride: int = 1) -> str:
        weights = self.weights((after, before, size, size), before * size * size)
        pads = [0] * 4 if stride > 1 else [size // 2] * 4
        return self.norm(
            self.node("Conv", value, weights, strides=[stride] * 2, pads=pads), after)

    def block(self, value: str, channels: int, bins: int) -> str:
        """Two convolutions, and a bottleneck over the bins of each frame beside them."""
        for _ in range(2):
            value = self.convolution(value, channels, channels, 3)
        inner = self.node("MatMul", value, self.weights((bins, bins // 8), bins))
        inner = self.norm(inner, channels)
        inner = self.node("MatMul", inner, self.weights((bins // 8, bins), bins // 8))
        return self.node("Add", value, self.norm(inner, channels))


def make_net(path: Path) -> None:
    """A TFC-TDF U-Net of two scales as MDX-Net has it, [batch, 4, bin, frame] in and out."""
    net, channels = Net(), 12
    value = net.node("Transpose", "input", perm=[0, 1, 3, 2])
    value = net.convolution(value, 4, channels, 1)
    value = across = net.block(value, channels, BINS)
    value = net.convolution(value, channels, 2 * channels, 2, stride=2)
    value = net.block(value, 2 * channels, BINS // 2)
    weights = net.weights((2 * channels, channels, 2, 2), 2 * channels)
    value = net.norm(net.node("ConvTranspose", value, weights, strides=[2, 2]), channels)
    value = net.block(net.node("Mul", value, across), channels, BINS)
    value = net.node("Conv", value, net.weights((4, channels, 1, 1), 4000 * channels))
    net.nodes.append(helper.make_node("Transpose", [value], ["output"], perm=[0, 1, 3, 2]))
    shape = ["batch", 4, BINS, FRAMES]
    graph = helper.make_graph(
        net.nodes, "tfc-tdf",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, shape)], net.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    # The newest version of the format is not what every runtime reads.
    model.ir_version = 8
    onnx.save(model, path)


def main() -> None:
    output = Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    make_net(output / "small.onnx")
    chunk = HOP * (FRAMES - 1)
    sound = mixture(chunk / RATE)[: chunk - FFT - 1000]
    write_mixture(output / "mixture.wav", sound)
    logger = logging.getLogger("case")
    separator = MDXSeparator(
        {
            "logger": logger, "log_level": logging.WARNING, "torch_device": torch.device("cpu"),
            "torch_device_cpu": torch.device("cpu"), "torch_device_mps": None,
            "onnx_execution_provider": ["CPUExecutionProvider"], "model_name": "small",
            "model_path": str(output / "small.onnx"), "output_dir": str(output),
            "output_format": "wav", "output_bitrate": None, "normalization_threshold": 1.0,
            "amplification_threshold": 0.0, "output_single_stem": None,
            "invert_using_spec": False, "sample_rate": RATE, "use_soundfile": True,
            "model_data": {
                "compensate": GAIN, "mdx_dim_f_set": BINS, "mdx_n_fft_scale_set": FFT,
                "mdx_dim_t_set": FRAMES.bit_length() - 1, "primary_stem": "Vocals"},
        },
        {"segment_size": FRAMES, "overlap": 0, "batch_size": 1, "hop_length": HOP,
         "enable_denoise": False})
    stem = separator.demix(sound.T.astype(np.float32)).reshape(2, -1).T
    # The package takes this product from the mixture for the other stem, but writes the stem itself
    # without the factor; Unbraid's stems add up to the mixture, so both have it.
    (stem * GAIN).astype("<f4").tofile(output / "vocals.f32")
    (sound - stem * GAIN).astype("<f4").tofile(output / "instrumental.f32")


if __name__ == "__main__":
    main()
