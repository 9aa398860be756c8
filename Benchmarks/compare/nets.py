"""Writes the nets that engines are compared on, with random weights.

    python3 Benchmarks/compare/nets.py FOLDER

Two shapes that people run today: a U-Net like Spleeter's (one stem; R. Hennequin et al., Spleeter: a
fast and efficient music source separation tool, 2020) and a TFC-TDF U-Net as in MDX-Net (M. Kim et
al., KUIELab-MDX-Net: a two-stream neural network for music demixing, 2021). Written node by node, so
that nothing but onnx is needed and the work is known to the multiplication.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Builder:
    """Collects nodes and weights; every method returns the name of its result."""

    def __init__(self, seed):
        self.nodes, self.weights = [], []
        self.random = np.random.default_rng(seed)

    def weight(self, *shape, scale=1.0, offset=0.0):
        name = f"w{len(self.weights)}"
        value = (offset + scale * self.random.standard_normal(shape)).astype(np.float32)
        self.weights.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def conv(self, x, inputs, outputs, kernel, stride=1, pads=None, dilation=1, bias=True):
        weight = self.weight(outputs, inputs, kernel, kernel, scale=(inputs * kernel**2) ** -0.5)
        extra = [self.weight(outputs, scale=0.1)] if bias else []
        return self.node(
            "Conv", x, weight, *extra, kernel_shape=[kernel] * 2, strides=[stride] * 2,
            dilations=[dilation] * 2, pads=pads or [kernel // 2] * 4,
        )  # fmt: skip

    def transposed(self, x, inputs, outputs, kernel, stride, pads, bias=True):
        weight = self.weight(inputs, outputs, kernel, kernel, scale=(inputs * kernel) ** -0.5)
        extra = [self.weight(outputs, scale=0.1)] if bias else []
        return self.node(
            "ConvTranspose", x, weight, *extra, kernel_shape=[kernel] * 2, strides=[stride] * 2,
            pads=pads,
        )  # fmt: skip

    def norm(self, x, channels):
        scale, shift = self.weight(channels, scale=0.1, offset=1), self.weight(channels, scale=0.1)
        mean, variance = self.weight(channels, scale=0.1), self.weight(channels, scale=0, offset=1)
        return self.node("BatchNormalization", x, scale, shift, mean, variance, epsilon=1e-3)

    def save(self, path, inputs, outputs, result):
        self.nodes[-1].output[0] = result
        graph = helper.make_graph(
            self.nodes, path.stem,
            [helper.make_tensor_value_info("mixture", TensorProto.FLOAT, inputs)],
            [helper.make_tensor_value_info(result, TensorProto.FLOAT, outputs)], self.weights,
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def spleeter(path):
    """5x5 stride 2 down and up with raw skips; 1x2x512x1024, 9.8 million weights, 12.2 GFLOP."""
    net = Builder(1)
    widths = [16, 32, 64, 128, 256, 512]
    x, inputs, skips = "mixture", 2, []
    for width in widths:
        # TensorFlow's SAME padding of a stride of 2 puts the odd zero behind.
        raw = net.conv(x, inputs, width, 5, stride=2, pads=[1, 1, 2, 2])
        skips.append(raw)
        x = net.node("Elu", net.norm(raw, width))
        inputs = width
    x = skips.pop()
    for width in [256, 128, 64, 32, 16, 1]:
        x = net.transposed(x, inputs, width, 5, 2, [1, 1, 2, 2])
        x = net.norm(net.node("Elu", x), width)
        if skips:
            x = net.node("Concat", skips.pop(), x, axis=1)
            inputs = 2 * width
        else:
            inputs = width
    x = net.conv(x, 1, 2, 4, pads=[3, 3, 3, 3], dilation=2)
    net.node("Sigmoid", x)
    net.save(path, [1, 2, 512, 1024], [1, 2, 512, 1024], "mask")


def tfc_tdf(path, width=32, scales=5, layers=3, bins=2048, frames=256):
    """3x3 convolutions and frequency bottlenecks; 1x4x2048x256, 7.4 million weights, 225 GFLOP."""
    net = Builder(2)

    def relu_norm(x, channels):
        return net.node("Relu", net.norm(x, channels))

    def block(x, channels, size):
        for _ in range(layers):
            x = relu_norm(net.conv(x, channels, channels, 3, bias=False), channels)
        y = x
        for inner, outer in ((size, size // 8), (size // 8, size)):
            y = net.node("MatMul", y, net.weight(inner, outer, scale=inner**-0.5))
            y = relu_norm(y, channels)
        return net.node("Add", x, y)

    x = net.node("Transpose", "mixture", perm=[0, 1, 3, 2])
    x = relu_norm(net.conv(x, 4, width, 1, bias=False), width)
    skips, channels, size = [], width, bins
    for _ in range(scales):
        x = block(x, channels, size)
        skips.append(x)
        x = net.conv(x, channels, channels + width, 2, stride=2, pads=[0] * 4, bias=False)
        channels, size = channels + width, size // 2
        x = relu_norm(x, channels)
    x = block(x, channels, size)
    for _ in range(scales):
        x = net.transposed(x, channels, channels - width, 2, 2, [0] * 4, bias=False)
        channels, size = channels - width, size * 2
        x = relu_norm(x, channels)
        x = block(net.node("Mul", x, skips.pop()), channels, size)
    x = net.conv(x, width, 4, 1, bias=False)
    net.node("Transpose", x, perm=[0, 1, 3, 2])
    net.save(path, [1, 4, bins, frames], [1, 4, bins, frames], "spectrum")


def write_all(folder):
    """Writes both nets below `folder`; returns their paths by name."""
    folder.mkdir(parents=True, exist_ok=True)
    nets = {"spleeter-shaped": spleeter, "tfc-tdf": tfc_tdf}
    paths = {name: folder / f"{name}.onnx" for name in nets}
    for name, make in nets.items():
        if not paths[name].exists():
            make(paths[name])
    return paths


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
