"""Cases of several operators: what an engine may join, and small nets as PyTorch exports them."""

from __future__ import annotations

import pathlib

import numpy as np

from cases import Case


def conv(case: Case, x: str, inputs: int, outputs: int, kernel: int = 3, **options) -> str:
    w = case.weight(case.normal(outputs, inputs, kernel, kernel, scale=(inputs * kernel**2) ** -0.5))
    b = case.weight(case.normal(outputs, scale=0.2))
    options.setdefault("pads", (kernel // 2,) * 4)
    return case.node("Conv", x, w, b, **options)


def up(case: Case, x: str, inputs: int, outputs: int) -> str:
    w = case.weight(case.normal(inputs, outputs, 2, 2, scale=inputs**-0.5))
    return case.node("ConvTranspose", x, w, strides=(2, 2))


def batch_norm(case: Case, x: str, channels: int) -> str:
    parameters = [case.weight(case.normal(channels, scale=0.3) + 1)]
    parameters += [case.weight(case.normal(channels, scale=0.3)) for _ in range(2)]
    parameters.append(case.weight(np.abs(case.normal(channels)) + 0.5))
    return case.node("BatchNormalization", x, *parameters)


def linear(case: Case, x: str, inputs: int, outputs: int) -> str:
    w = case.weight(case.normal(inputs, outputs, scale=inputs**-0.5))
    return case.node("MatMul", x, w)


def joined(folder: pathlib.Path) -> None:
    """Each a product or convolution with something after it that can be computed with it."""

    def write(name: str, shape: tuple[int, ...], build) -> None:
        case = Case("joined_" + name)
        x = case.input(shape)
        case.write(folder, *build(case, x))

    image = (2, 6, 12, 14)
    write("conv_bn", image, lambda c, x: [batch_norm(c, conv(c, x, 6, 8), 8)])
    write("conv_bn_relu", image, lambda c, x: [c.node("Relu", batch_norm(c, conv(c, x, 6, 8), 8))])
    write("conv_relu_bn", image, lambda c, x: [batch_norm(c, c.node("Relu", conv(c, x, 6, 8)), 8)])
    write("conv_elu_bn_elu", image,
          lambda c, x: [c.node("Elu", batch_norm(c, c.node("Elu", conv(c, x, 6, 8)), 8))])
    write("conv_add", image, lambda c, x: [c.node("Add", conv(c, x, 6, 6), x)])
    write("conv_add_relu", image, lambda c, x: [c.node("Relu", c.node("Add", x, conv(c, x, 6, 6)))])
    write("conv_bn_relu_add", image,
          lambda c, x: [c.node("Add", c.node("Relu", batch_norm(c, conv(c, x, 6, 6), 6)), x)])
    write("conv_add_add", image,
          lambda c, x: [c.node("Add", c.node("Add", conv(c, x, 6, 6), x), c.node("Tanh", x))])
    write("two_convs_add", image, lambda c, x: [c.node("Add", conv(c, x, 6, 6), conv(c, x, 6, 6))])
    write("conv_mul_scalar", image,
          lambda c, x: [c.node("Mul", conv(c, x, 6, 6), c.weight(np.float32(0.3)))])
    write("conv_mul_column", image,
          lambda c, x: [c.node("Mul", conv(c, x, 6, 6), c.weight(c.normal(14)))])
    write("conv_sub_from", image,
          lambda c, x: [c.node("Sub", c.weight(np.float32(1)), conv(c, x, 6, 6))])
    write("conv_div", image,
          lambda c, x: [c.node("Div", conv(c, x, 6, 6), c.weight(np.abs(c.normal(6, 1, 1)) + 1))])
    write("conv_silu", image, lambda c, x: [silu(c, conv(c, x, 6, 6))])
    write("conv_gelu", image, lambda c, x: [gelu(c, conv(c, x, 6, 6))])

    def shared(c: Case, x: str) -> list[str]:
        y = conv(c, x, 6, 6)
        return [y, c.node("Relu", batch_norm(c, y, 6))]

    write("conv_read_twice", image, shared)
    write("up_bn_relu", image, lambda c, x: [c.node("Relu", batch_norm(c, up(c, x, 6, 8), 8))])
    write("up_relu_bn", image, lambda c, x: [batch_norm(c, c.node("Relu", up(c, x, 6, 8)), 8)])

    def up_skip(c: Case, x: str) -> list[str]:
        small = conv(c, x, 6, 8, strides=(2, 2))
        return [c.node("Add", c.node("Relu", up(c, small, 8, 6)), x)]

    write("up_relu_add", image, up_skip)
    for rows in ((2, 6, 12, 32), (1, 6, 40, 32), (3, 6, 32)):
        tag = "x".join(map(str, rows))
        write(f"matmul_bn_relu_{tag}", rows,
              lambda c, x: [c.node("Relu", batch_norm(c, linear(c, x, 32, 8), 6))])
        write(f"matmul_bn_relu_add_{tag}", rows,
              lambda c, x: [c.node("Add", x, c.node("Relu", batch_norm(c, linear(c, x, 32, 32), 6)))])
        write(f"matmul_bias_bn_relu_{tag}", rows,
              lambda c, x: [c.node("Relu", batch_norm(
                  c, c.node("Add", linear(c, x, 32, 8), c.weight(c.normal(8))), 6))])
    write("matmul_bn_columns", (9, 32), lambda c, x: [c.node("Tanh", batch_norm(c, linear(c, x, 32, 8), 8))])
    write("gemm_relu", (9, 32), lambda c, x: [c.node("Relu", c.node(
        "Gemm", x, c.weight(c.normal(8, 32)), c.weight(c.normal(8)), transB=1))])
    write("matmul_add_mul", (2, 5, 32), lambda c, x: [c.node("Mul", c.node(
        "Add", linear(c, x, 32, 8), c.weight(c.normal(8))), c.weight(c.normal(8)))])
    write("pad_conv", (1, 3, 9, 9), lambda c, x: [conv(c, c.node(
        "Pad", x, c.weight(np.array([0, 0, 1, 2, 0, 0, 2, 1]))), 3, 4, pads=(0, 1, 1, 0))])
    write("reflect_conv", (1, 3, 9, 9), lambda c, x: [conv(c, c.node(
        "Pad", x, c.weight(np.array([0, 0, 1, 1, 0, 0, 1, 1])), mode="reflect"), 3, 4, pads=(0,) * 4)])

    def chain(c: Case, x: str) -> list[str]:
        a = c.node("Mul", x, c.weight(np.float32(0.5)))
        b = c.node("Log", c.node("Add", c.node("Mul", a, a), c.weight(np.float32(1e-3))))
        scaled = c.node("Add", c.node("Mul", b, c.weight(c.normal(6, 1, 1))), c.weight(c.normal(14)))
        return [c.node("Sub", scaled, c.node("Exp", a)), b]

    write("elementwise_chain", image, chain)

    def parts(c: Case, x: str) -> list[str]:
        a, b, d = c.node("Split", x, c.weight(np.array([2, 2, 2])), axis=1, outputs=3)
        one = c.node("Relu", a)
        joined = c.node("Concat", one, c.node("Mul", b, d), c.node("Tanh", one), a, axis=1)
        return [c.node("Exp", joined), one]

    write("split_and_concat", (1, 6, 10, 11), parts)


def silu(case: Case, x: str) -> str:
    return case.node("Mul", x, case.node("Sigmoid", x))


def gelu(case: Case, x: str) -> str:
    e = case.node("Erf", case.node("Div", x, case.weight(np.float32(2**0.5))))
    p = case.node("Mul", x, case.node("Add", e, case.weight(np.float32(1))))
    return case.node("Mul", p, case.weight(np.float32(0.5)))


def norm(case: Case, x: str, axes: list[int], shape: tuple[int, ...]) -> str:
    """A layer normalisation as exporters before version 17 wrote it."""
    d = case.node("Sub", x, case.node("ReduceMean", x, axes=axes))
    square = case.node("Pow", d, case.weight(np.float32(2)))
    v = case.node("Add", case.node("ReduceMean", square, axes=axes), case.weight(np.float32(1e-5)))
    y = case.node("Div", d, case.node("Sqrt", v))
    y = case.node("Mul", y, case.weight(case.normal(*shape)))
    return case.node("Add", y, case.weight(case.normal(*shape)))


def group_norm(case: Case, x: str, shape: tuple[int, ...], groups: int) -> str:
    """As PyTorch exports it: reshape, instance normalisation, reshape, scale and shift."""
    flat = case.node("Reshape", x, case.weight(np.array([0, groups, -1])))
    ones = case.weight(np.ones(groups, np.float32))
    zeros = case.weight(np.zeros(groups, np.float32))
    y = case.node("InstanceNormalization", flat, ones, zeros)
    y = case.node("Reshape", y, case.weight(np.array(shape)))
    y = case.node("Mul", y, case.weight(case.normal(shape[1], 1, 1)))
    return case.node("Add", y, case.weight(case.normal(shape[1], 1, 1)))


def decomposed(folder: pathlib.Path) -> None:
    case = Case("decomposed_layernorm", opset=13)
    case.write(folder, norm(case, case.input((2, 7, 50)), [-1], (50,)))
    case = Case("decomposed_instancenorm", opset=13)
    case.write(folder, norm(case, case.input((2, 5, 8, 9)), [2, 3], (5, 1, 1)))
    case = Case("decomposed_other_axes", opset=13)
    case.write(folder, norm(case, case.input((2, 5, 8, 9)), [1], (5, 1, 1)))
    case = Case("decomposed_groupnorm")
    case.write(folder, group_norm(case, case.input((2, 8, 5, 6)), (2, 8, 5, 6), 4))
    case = Case("shape_arithmetic")
    x = case.input((2, 6, 4, 5))
    shape = case.node("Shape", x)
    size = case.node("Gather", shape, case.weight(np.array(1)))
    half = case.node("Div", size, case.weight(np.array(2)))
    parts = [
        case.node("Unsqueeze", value, case.weight(np.array([0])))
        for value in (case.node("Gather", shape, case.weight(np.array(0))), half)
    ]
    target = case.node("Concat", *parts, case.weight(np.array([-1])), axis=0)
    case.write(folder, case.node("Reshape", x, target))


def spleeter_net(folder: pathlib.Path) -> None:
    """5x5 convolutions of stride 2, raw skips, batch norm after the activation in the decoder."""
    case = Case("net_spleeter", opset=13)
    x = case.input(np.abs(case.normal(1, 2, 64, 128)))
    widths = [2, 8, 12, 16]
    skips = []
    y = x
    for a, b in zip(widths, widths[1:], strict=False):
        y = conv(case, y, a, b, 5, strides=(2, 2), pads=(1, 1, 2, 2))
        skips.append(y)
        y = case.node("Elu", batch_norm(case, y, b))
    y = skips[-1]
    for level, (a, b) in enumerate(((16, 12), (24, 8), (16, 4))):
        w = case.weight(case.normal(a, b, 5, 5, scale=(a * 6) ** -0.5))
        bias = case.weight(case.normal(b, scale=0.1))
        y = case.node("ConvTranspose", y, w, bias, strides=(2, 2), pads=(1, 1, 2, 2))
        y = batch_norm(case, case.node("Elu", y), b)
        if level < 2:
            y = case.node("Concat", skips[1 - level], y, axis=1)
    y = conv(case, y, 4, 2, 4, dilations=(2, 2), pads=(3, 3, 3, 3))
    case.write(folder, case.node("Mul", case.node("Sigmoid", y), x))


def tdf_net(folder: pathlib.Path) -> None:
    """3x3 convolutions and frequency bottlenecks, skips multiplied."""
    case = Case("net_tdf")
    x = case.input((1, 4, 32, 64))

    def block(y: str, inputs: int, channels: int, bins: int) -> str:
        y = case.node("Relu", batch_norm(case, conv(case, y, inputs, channels), channels))
        z = case.node("Relu", batch_norm(case, linear(case, y, bins, bins // 8), channels))
        z = case.node("Relu", batch_norm(case, linear(case, z, bins // 8, bins), channels))
        return case.node("Add", y, z)

    y = case.node("Relu", batch_norm(case, conv(case, x, 4, 16, 1), 16))
    first = block(y, 16, 16, 64)
    w = case.weight(case.normal(24, 16, 2, 2, scale=0.1))
    y = case.node("Relu", batch_norm(case, case.node("Conv", first, w, strides=(2, 2)), 24))
    y = block(y, 24, 24, 32)
    y = case.node("Relu", batch_norm(case, up(case, y, 24, 16), 16))
    y = block(case.node("Mul", y, first), 16, 16, 64)
    case.write(folder, conv(case, y, 16, 4, 1))


def modern_net(folder: pathlib.Path) -> None:
    """Group norm, GELU, resize by linear interpolation, attention over frames, softmax of stems."""
    case = Case("net_modern")
    x = case.input((1, 2, 16, 24))
    y = gelu(case, group_norm(case, conv(case, x, 2, 16), (1, 16, 16, 24), 4))
    skip = y
    y = silu(case, conv(case, y, 16, 24, strides=(2, 2)))
    tokens = case.node("Transpose", y, perm=(0, 2, 1, 3))
    tokens = case.node("Reshape", tokens, case.weight(np.array([1, 8, 288])))
    tokens = norm(case, tokens, [-1], (288,))
    q, k, v = (linear(case, tokens, 288, 32) for _ in range(3))
    weights = case.node("MatMul", q, case.node("Transpose", k, perm=(0, 2, 1)))
    weights = case.node("Softmax", case.node("Div", weights, case.weight(np.float32(32**0.5))), axis=-1)
    tokens = case.node("Add", tokens, linear(case, case.node("MatMul", weights, v), 32, 288))
    y = case.node("Reshape", tokens, case.weight(np.array([1, 8, 24, 12])))
    y = case.node("Transpose", y, perm=(0, 2, 1, 3))
    y = case.node("Resize", y, "", case.weight(np.array([1, 1, 2, 2], np.float32)), mode="linear")
    y = case.node("Concat", y, skip, axis=1)
    y = conv(case, y, 40, 8)
    y = case.node("Reshape", y, case.weight(np.array([1, 4, 2, 16, 24])))
    case.write(folder, case.node("Softmax", y, axis=1))


def recurrent_net(folder: pathlib.Path) -> None:
    """Open-Unmix's order: scale, linear, batch norm, tanh, two-way LSTM, linear, ReLU, times input."""
    case = Case("net_recurrent")
    frames, bins, hidden = 30, 40, 16
    x = case.input(np.abs(case.normal(frames, 1, bins)))
    y = case.node("Mul", case.node("Add", x, case.weight(case.normal(bins))), case.weight(case.normal(bins)))
    y = linear(case, case.node("Reshape", y, case.weight(np.array([frames, bins]))), bins, hidden)
    y = case.node("Tanh", batch_norm(case, y, hidden))
    first = case.node("Reshape", y, case.weight(np.array([frames, 1, hidden])))
    rows = 4 * hidden // 2
    out, _, _ = case.node(
        "LSTM", first, case.weight(case.normal(2, rows, hidden, scale=0.3)),
        case.weight(case.normal(2, rows, hidden // 2, scale=0.3)),
        case.weight(case.normal(2, 2 * rows, scale=0.1)), outputs=3, direction="bidirectional",
        hidden_size=hidden // 2,
    )
    out = case.node("Transpose", out, perm=(0, 2, 1, 3))
    out = case.node("Reshape", out, case.weight(np.array([frames, 1, hidden])))
    y = case.node("Concat", first, out, axis=2)
    y = linear(case, case.node("Reshape", y, case.weight(np.array([frames, 2 * hidden]))), 2 * hidden, bins)
    y = case.node("Relu", batch_norm(case, y, bins))
    y = case.node("Reshape", y, case.weight(np.array([frames, 1, bins])))
    case.write(folder, case.node("Mul", y, x))


def write_all(folder: pathlib.Path) -> None:
    for part in (joined, decomposed, spleeter_net, tdf_net, modern_net, recurrent_net):
        part(folder)
