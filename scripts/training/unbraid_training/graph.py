"""The net as an ONNX graph, written node by node so that it holds only plain operators.

Initializers carry the names of the PyTorch parameters; weights are stored as float16 and cast.
Linear weights are stored transposed, as MatMul takes them. `read_weights` is the way back.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from . import BINS, FULL_SCALE
from .net import FLOOR, LOUD, QUIET, TINY

OPSET = 17
NORM_EPSILON = 1e-5


class Graph:
    """Collects nodes and initializers; every method returns the name of the value it makes."""

    def __init__(self, weights, half=True):
        self.weights = weights
        self.half = half
        self.nodes = []
        self.initializers = []
        self.known = {}
        self.count = 0

    def node(self, kind, inputs, name=None, **attributes):
        self.count += 1
        name = name or f"{kind.lower()}_{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"node_{name}", **attributes))
        return name

    def constant(self, array, name=None):
        array = np.asarray(array)
        key = name or f"{array.dtype}{array.shape}{array.tobytes()!r}"
        if key not in self.known:
            self.known[key] = name or f"constant_{len(self.known)}"
            self.initializers.append(numpy_helper.from_array(array, self.known[key]))
        return self.known[key]

    def weight(self, name, transpose=False):
        array = self.weights[name]
        array = np.ascontiguousarray(array.T if transpose else array)
        if not self.half:
            return self.constant(array.astype(np.float32), name)
        return self.node("Cast", [self.constant(array.astype(np.float16), name)],
                         name=f"{name}.float32", to=TensorProto.FLOAT)

    def scalar(self, value):
        return self.constant(np.array([value], np.float32))

    def slice(self, x, axis, start, end):
        index = [np.array([v], np.int64) for v in (start, end, axis)]
        return self.node("Slice", [x] + [self.constant(v) for v in index])

    def conv(self, x, name, kernel, stride=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), bias=False):
        inputs = [x, self.weight(f"{name}.weight")]
        if bias:
            inputs.append(self.constant(self.weights[f"{name}.bias"].astype(np.float32),
                                        f"{name}.bias"))
        return self.node("Conv", inputs, kernel_shape=list(kernel), strides=list(stride),
                         pads=list(pads), dilations=list(dilations))

    def norm(self, x, name):
        fields = ("weight", "bias", "running_mean", "running_var")
        inputs = [self.constant(self.weights[f"{name}.{f}"].astype(np.float32), f"{name}.{f}")
                  for f in fields]
        return self.node("BatchNormalization", [x] + inputs, epsilon=NORM_EPSILON)

    def conv_norm_relu(self, x, name, stride=1, dilation=1):
        y = self.conv(x, f"{name}.conv", (3, 3), (stride, stride), (dilation, 1, dilation, 1),
                      (dilation, 1))
        return self.node("Relu", [self.norm(y, f"{name}.norm")])

    def smoothed(self, name):
        """As `net.smoothed`; here and not before, so that the sums of rounded weights are equal."""
        weight = self.weight(name)
        first, second = self.slice(weight, 2, 0, 1), self.slice(weight, 2, 1, 2)
        inner = [self.node("Add", [self.node("Add", [a, a]), b])
                 for a, b in ((first, second), (second, first))]
        taps = self.node("Concat", [first, *inner, second], axis=2)
        return self.node("Mul", [taps, self.scalar(0.25)])

    def mixer(self, x, name):
        y = self.node("MatMul", [x, self.weight(f"{name}.down.weight", transpose=True)])
        y = self.node("Relu", [self.norm(y, f"{name}.norm1")])
        y = self.node("MatMul", [y, self.weight(f"{name}.up.weight", transpose=True)])
        y = self.node("Relu", [self.norm(y, f"{name}.norm2")])
        return self.node("Add", [x, y])

    def block(self, x, name, count, dilation=1):
        y = x
        for i in range(count):
            y = self.conv_norm_relu(y, f"{name}.convs.{i}", dilation=dilation if i else 1)
        return self.mixer(self.node("Add", [x, y]), f"{name}.mixer")

    def features(self, spectrum, split):
        """As `net.features`: the names of levels and turns."""
        x = self.node("Mul", [spectrum, self.scalar(1 / FULL_SCALE)])
        left, right = self.slice(x, 1, 0, 2), self.slice(x, 1, 2, 4)
        half = self.scalar(0.5)
        mid = self.node("Mul", [self.node("Add", [left, right]), half])
        side = self.node("Mul", [self.node("Sub", [left, right]), half])
        both = self.node("Concat", [left, right, mid, side], axis=1)  # B, 8, T, N
        square = self.node("Mul", [both, both])
        powers = []
        for i in range(4):
            powers.append(self.node("Add", [self.slice(square, 1, 2 * i, 2 * i + 1),
                                            self.slice(square, 1, 2 * i + 1, 2 * i + 2)]))
        power = self.node("Concat", powers, axis=1)
        frame = self.node("ReduceMean", [self.node("Add", powers[:2])], axes=[3], keepdims=1)
        square = self.node("ReduceMean", [self.node("Mul", [frame, frame])], axes=[2], keepdims=1)
        mean = self.node("ReduceMean", [frame], axes=[2], keepdims=1)
        loudness = self.node("Div", [square, self.node("Add", [mean, self.scalar(TINY)])])
        loudness = self.node("Add", [loudness, self.scalar(QUIET)])
        gain = self.node("Div", [self.scalar(LOUD), loudness])
        power = self.node("Mul", [power, gain])
        log = self.node("Log", [self.node("Add", [power, self.scalar(FLOOR**2)])])
        scaled = self.node("Mul", [log, self.scalar(0.5 / (2.302585093 * 1.2))])
        levels = self.node("Add", [scaled, self.scalar(2.5 / 1.2)])
        here = self.slice(x, 3, 0, split)
        pads = self.constant(np.array([0, 0, 1, 0, 0, 0, 0, 0], np.int64))
        before = self.slice(self.node("Pad", [here, pads]), 2, 0, -1)
        after = self.slice(x, 3, 1, split + 1)
        turns = [*self.turn(here, before, gain), *self.turn(here, after, gain)]
        return levels, self.node("Concat", turns, axis=1)

    def turn(self, a, b, gain):
        """As `net.turn`: the names of cosine and sine [1, 1, T, N]."""
        a, b = ([self.slice(x, 1, i, i + 1) for i in range(4)] for x in (a, b))

        def total(pairs):
            products = [self.node("Mul", list(pair)) for pair in pairs]
            for other in products[1:]:
                products[0] = self.node("Add", [products[0], other])
            return products[0]

        cosine = total(zip(a, b))
        sine = self.node("Sub", [total(((a[1], b[0]), (a[3], b[2]))),
                                 total(((a[0], b[1]), (a[2], b[3])))])
        size = self.node("Sqrt", [self.node("Mul", [total(zip(a, a)), total(zip(b, b))])])
        size = self.node("Add", [self.node("Mul", [size, gain]), self.scalar(FLOOR**2)])
        factor = self.node("Div", [gain, size])
        return [self.node("Mul", [part, factor]) for part in (cosine, sine)]

    def unfold(self, y, fold, rows):
        y = self.node("Reshape", [y, self.constant(np.array([1, fold, 8, -1, rows]))])
        y = self.node("Transpose", [y], perm=[0, 2, 3, 4, 1])
        return self.node("Reshape", [y, self.constant(np.array([1, 8, -1, rows * fold]))])


def build(weights, shape, half=True):
    """The ONNX model: mixture [1, 4, T, 2048] -> masks [1, 4, 2, T, 2048].

    weights: arrays by parameter name of `Separator`; T is open, a multiple of 8.
    """
    g = Graph(weights, half)
    depth = len(shape.widths) - 1
    low, high, split = shape.low_fold, shape.high_fold, shape.split
    levels, turns = g.features("mixture", split)
    lows = g.node("Concat", [g.slice(levels, 3, 0, split), turns], axis=1)
    raw = g.node("Concat", [
        g.conv(lows, "low_in", (1, low), (1, low), bias=True),
        g.conv(g.slice(levels, 3, split, BINS), "high_in", (1, high), (1, high), bias=True)], axis=3)
    y = g.conv_norm_relu(raw, "entry")
    skips = []
    for i in range(depth):
        y = g.block(y, f"encoders.{i}", 2) if i else g.mixer(y, "encoders.0")
        skips.append(y)
        y = g.conv_norm_relu(y, f"downs.{i}", stride=2)
    for i, dilation in enumerate(shape.dilations):
        y = g.block(y, f"bottom.{i}", 2, dilation)
    for i in reversed(range(depth)):
        y = g.node("ConvTranspose", [y, g.smoothed(f"ups.{i}.conv.weight")],
                   kernel_shape=[4, 2], strides=[2, 2], pads=[1, 0, 1, 0])
        y = g.node("Relu", [g.norm(y, f"ups.{i}.norm")])
        y = g.block(g.node("Add", [y, skips[i]]), f"decoders.{i}", 2 if i else 1)
    y = g.node("Concat", [y, raw], axis=1)
    rows, low_rows = shape.rows, shape.low_rows
    logits = g.node("Concat", [
        g.unfold(g.conv(g.slice(y, 3, 0, low_rows), "low_out", (1, 1), bias=True),
                 low, low_rows),
        g.unfold(g.conv(g.slice(y, 3, low_rows, rows), "high_out", (1, 1), bias=True),
                 high, rows - low_rows)], axis=3)
    logits = g.node("Reshape", [logits, g.constant(np.array([1, 4, 2, -1, BINS]))])
    g.node("Softmax", [logits], name="masks", axis=1)
    graph = helper.make_graph(
        g.nodes, "separator",
        [helper.make_tensor_value_info("mixture", TensorProto.FLOAT, [1, 4, "frames", BINS])],
        [helper.make_tensor_value_info("masks", TensorProto.FLOAT, [1, 4, 2, "frames", BINS])],
        g.initializers)
    model = helper.make_model(graph, producer_name="unbraid",
                              opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model


def read_weights(path):
    """Arrays by PyTorch parameter name out of a separator.onnx that `build` made."""
    model = onnx.load(path)
    arrays = {}
    for item in model.graph.initializer:
        if item.name.startswith("constant_"):
            continue
        array = numpy_helper.to_array(item).astype(np.float32)
        arrays[item.name] = array.T.copy() if array.ndim == 2 else array
    return arrays
