"""Times one net in PyTorch on random inputs; prints a JSON object like `unbraid-bench net`.

The nodes of the .onnx file are called one after the other, traced and frozen, so that PyTorch folds
what it can; only what the compared nets use is known. `--check` prints the largest difference to
ONNX Runtime instead.
"""

import json
import sys
import time
import warnings

import numpy as np
import onnx
import torch
import torch.nn.functional as functional
from onnx import helper, numpy_helper


def pads(a):
    """ONNX's (top, left, bottom, right)."""
    return a.get("pads", [0, 0, 0, 0])


def conv(x, weight, bias=None, **a):
    top, left, bottom, right = pads(a)
    padding = 0
    if (top, left) == (bottom, right):
        padding = (top, left)
    else:
        x = functional.pad(x, (left, right, top, bottom))
    return functional.conv2d(
        x, weight, bias, a.get("strides", 1), padding, a.get("dilations", 1), a.get("group", 1)
    )


def transposed(x, weight, bias=None, **a):
    top, left, bottom, right = pads(a)
    y = functional.conv_transpose2d(x, weight, bias, a.get("strides", 1))
    return y[:, :, top : y.shape[2] - bottom, left : y.shape[3] - right]


def norm(x, scale, shift, mean, variance, **a):
    return functional.batch_norm(x, mean, variance, scale, shift, eps=a.get("epsilon", 1e-5))


def cut(x, starts, ends, axes, steps=None, **_):
    index = [slice(None)] * x.dim()
    steps = [1] * len(starts) if steps is None else steps.tolist()
    for start, end, axis, step in zip(starts.tolist(), ends.tolist(), axes.tolist(), steps):
        index[axis] = slice(start, min(end, x.shape[axis]), step)
    return x[tuple(index)]


OPERATORS = {
    "Add": lambda x, y, **_: x + y,
    "BatchNormalization": norm,
    "Cast": lambda x, to, **_: x.to(
        torch.from_numpy(np.empty(0, helper.tensor_dtype_to_np_dtype(to))).dtype
    ),
    "Concat": lambda *x, axis, **_: torch.cat(x, axis),
    "Conv": conv,
    "ConvTranspose": transposed,
    "Div": lambda x, y, **_: x / y,
    "Elu": lambda x, alpha=1.0, **_: functional.elu(x, alpha),
    "Log": lambda x, **_: torch.log(x),
    "MatMul": lambda x, y, **_: torch.matmul(x, y),
    "Mul": lambda x, y, **_: x * y,
    "ReduceMean": lambda x, axes, keepdims=1, **_: x.mean(axes, keepdim=bool(keepdims)),
    "Relu": lambda x, **_: functional.relu(x),
    "Reshape": lambda x, shape, **_: x.reshape(shape.tolist()),
    "Sigmoid": lambda x, **_: torch.sigmoid(x),
    "Slice": cut,
    "Softmax": lambda x, axis=-1, **_: torch.softmax(x, axis),
    "Sub": lambda x, y, **_: x - y,
    "Transpose": lambda x, perm, **_: x.permute(perm),
}


class Net(torch.nn.Module):
    """The graph of an .onnx file."""

    def __init__(self, graph):
        super().__init__()
        self.graph = graph
        self.weights = {
            value.name: torch.from_numpy(numpy_helper.to_array(value).copy())
            for value in graph.initializer
        }

    def forward(self, *inputs):
        names = [value.name for value in self.graph.input if value.name not in self.weights]
        values = dict(self.weights) | dict(zip(names, inputs))
        for node in self.graph.node:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            operands = [values[name] if name else None for name in node.input]
            values[node.output[0]] = OPERATORS[node.op_type](*operands, **attributes)
        return tuple(values[value.name] for value in self.graph.output)


def main(path, threads, runs, open_size, check):
    torch.set_num_threads(threads)
    # All sizes are fixed, so a trace that takes them as constants is right.
    warnings.simplefilter("ignore", torch.jit.TracerWarning)
    graph = onnx.load(path).graph
    net = Net(graph).eval()
    random = np.random.default_rng(0)
    shapes = [
        [size.dim_value or open_size for size in value.type.tensor_type.shape.dim]
        for value in graph.input
        if value.name not in net.weights
    ]
    inputs = [random.uniform(-1, 1, shape).astype(np.float32) for shape in shapes]
    tensors = tuple(torch.from_numpy(value) for value in inputs)
    with torch.inference_mode():
        fast = torch.jit.freeze(torch.jit.trace(net, tensors))
        # The first runs specialise the traced program.
        for _ in range(3):
            outputs = fast(*tensors)
        if check:
            import onnxruntime

            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            names = [value.name for value in session.get_inputs()]
            expected = session.run(None, dict(zip(names, inputs)))
            print(max(float(np.abs(a.numpy() - b).max()) for a, b in zip(outputs, expected)))
            return
        seconds = []
        for _ in range(runs):
            start = time.perf_counter()
            fast(*tensors)
            seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "version": torch.__version__}))


if __name__ == "__main__":
    check = "--check" in sys.argv
    if check:
        sys.argv.remove("--check")
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), check)
