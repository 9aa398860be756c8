"""Cases of single operators: strides, dilations, groups, paddings, odd sizes, older versions."""

from __future__ import annotations

import itertools
import pathlib

import numpy as np

from cases import Case


def convolutions(folder: pathlib.Path) -> None:
    table = [
        # channels in, out, groups, size, kernel, stride, dilation, pads
        (1, 1, 1, (5, 5), (1, 1), (1, 1), (1, 1), (0, 0, 0, 0)),
        (3, 8, 1, (17, 23), (3, 3), (1, 1), (1, 1), (1, 1, 1, 1)),
        (32, 48, 1, (31, 33), (3, 3), (1, 1), (1, 1), (1, 1, 1, 1)),
        (16, 16, 1, (8, 64), (3, 3), (1, 1), (1, 1), (0, 0, 0, 0)),
        (16, 24, 1, (19, 21), (3, 3), (2, 2), (1, 1), (1, 1, 1, 1)),
        (2, 16, 1, (64, 96), (5, 5), (2, 2), (1, 1), (1, 1, 2, 2)),
        (1, 2, 1, (24, 40), (4, 4), (1, 1), (2, 2), (3, 3, 3, 3)),
        (8, 8, 8, (15, 17), (3, 3), (1, 1), (1, 1), (1, 1, 1, 1)),
        (8, 16, 8, (15, 17), (3, 5), (2, 1), (1, 1), (1, 2, 1, 2)),
        (12, 18, 3, (13, 11), (3, 3), (1, 1), (1, 1), (1, 1, 1, 1)),
        (4, 6, 2, (9, 30), (1, 7), (1, 3), (1, 2), (0, 4, 0, 5)),
        (20, 40, 1, (16, 16), (1, 1), (1, 1), (1, 1), (0, 0, 0, 0)),
        (20, 40, 1, (16, 16), (1, 1), (2, 2), (1, 1), (0, 0, 0, 0)),
        (48, 48, 1, (12, 12), (3, 3), (1, 1), (4, 2), (4, 2, 4, 2)),
        (5, 7, 1, (33,), (4,), (3,), (2,), (2, 1)),
        (2, 3, 1, (6, 7, 8), (3, 2, 3), (1, 2, 1), (1, 1, 2), (1, 0, 2, 1, 1, 0)),
        (64, 64, 1, (64, 40), (3, 3), (1, 1), (1, 1), (1, 1, 1, 1)),
    ]
    for index, (inputs, outputs, groups, size, kernel, stride, dilation, pads) in enumerate(table):
        for batch, bias in ((1, True), (2, False)):
            case = Case(f"conv_{index}_batch{batch}")
            operands = [case.input((batch, inputs, *size))]
            operands.append(case.weight(case.normal(outputs, inputs // groups, *kernel, scale=0.3)))
            if bias:
                operands.append(case.weight(case.normal(outputs)))
            y = case.node(
                "Conv", *operands, group=groups, kernel_shape=kernel, strides=stride,
                dilations=dilation, pads=pads,
            )
            case.write(folder, y)
    for mode, size in itertools.product(("SAME_UPPER", "SAME_LOWER", "VALID"), ((14, 15), (9, 8))):
        case = Case(f"conv_{mode.lower()}_{size[0]}")
        x = case.input((1, 3, *size))
        w = case.weight(case.normal(4, 3, 5, 4))
        case.write(folder, case.node("Conv", x, w, auto_pad=mode, strides=(2, 3)))


def transposed(folder: pathlib.Path) -> None:
    table = [
        # channels in, out, groups, size, kernel, stride, dilation, pads, output padding
        (3, 4, 1, (7, 9), (2, 2), (2, 2), (1, 1), (0, 0, 0, 0), (0, 0)),
        (48, 32, 1, (16, 12), (2, 2), (2, 2), (1, 1), (0, 0, 0, 0), (0, 0)),
        (16, 8, 1, (8, 16), (5, 5), (2, 2), (1, 1), (1, 1, 2, 2), (0, 0)),
        (6, 4, 2, (5, 6), (3, 3), (2, 2), (1, 1), (1, 1, 1, 1), (1, 1)),
        (3, 5, 1, (6, 5), (3, 4), (1, 2), (2, 1), (2, 0, 1, 1), (0, 1)),
        (4, 4, 4, (6, 6), (4, 4), (2, 2), (1, 1), (1, 1, 1, 1), (0, 0)),
        (3, 2, 1, (11,), (5,), (3,), (2,), (1, 2), (2,)),
        (2, 3, 1, (3, 4, 5), (2, 3, 2), (2, 1, 2), (1, 1, 1), (0, 1, 0, 0, 1, 1), (0, 0, 1)),
        (8, 6, 1, (5, 5), (4, 4), (3, 3), (2, 2), (0, 0, 0, 0), (2, 1)),
    ]
    for index, row in enumerate(table):
        inputs, outputs, groups, size, kernel, stride, dilation, pads, extra = row
        case = Case(f"convtranspose_{index}")
        x = case.input((2, inputs, *size))
        w = case.weight(case.normal(inputs, outputs // groups, *kernel, scale=0.3))
        b = case.weight(case.normal(outputs))
        y = case.node(
            "ConvTranspose", x, w, b, group=groups, kernel_shape=kernel, strides=stride,
            dilations=dilation, pads=pads, output_padding=extra,
        )
        case.write(folder, y)
    for mode in ("SAME_UPPER", "SAME_LOWER"):
        case = Case(f"convtranspose_{mode.lower()}")
        x = case.input((1, 3, 6, 7))
        w = case.weight(case.normal(3, 2, 3, 4))
        case.write(folder, case.node("ConvTranspose", x, w, auto_pad=mode, strides=(2, 2)))
    case = Case("convtranspose_output_shape")
    x = case.input((1, 3, 6, 7))
    w = case.weight(case.normal(3, 2, 3, 3))
    case.write(folder, case.node("ConvTranspose", x, w, strides=(2, 2), output_shape=(12, 15)))


def pools(folder: pathlib.Path) -> None:
    for index, (size, kernel, stride, pads, extra) in enumerate(
        [
            ((16, 18), (2, 2), (2, 2), (0, 0, 0, 0), {}),
            ((15, 17), (3, 3), (2, 2), (1, 1, 1, 1), {}),
            ((15, 17), (3, 2), (2, 3), (1, 0, 0, 1), {"ceil_mode": 1}),
            ((31,), (4,), (3,), (2, 1), {}),
            ((6, 7, 8), (2, 3, 2), (1, 2, 2), (0, 1, 1, 1, 0, 0), {}),
        ]
    ):
        for op in ("MaxPool", "AveragePool"):
            options = dict(extra)
            if op == "AveragePool" and index % 2 == 1:
                options["count_include_pad"] = 1
            case = Case(f"{op.lower()}_{index}")
            x = case.input((2, 3, *size))
            y = case.node(op, x, kernel_shape=kernel, strides=stride, pads=pads, **options)
            case.write(folder, y)
    case = Case("maxpool_dilated")
    x = case.input((1, 2, 20, 19))
    y = case.node("MaxPool", x, kernel_shape=(3, 3), dilations=(2, 3), strides=(1, 2), pads=(2, 2, 2, 2))
    case.write(folder, y)
    for op in ("GlobalAveragePool", "GlobalMaxPool"):
        case = Case(op.lower())
        case.write(folder, case.node(op, case.input((2, 5, 7, 9))))


def elementwise(folder: pathlib.Path) -> None:
    unary = {
        "Abs": {}, "Neg": {}, "Exp": {}, "Sigmoid": {}, "Tanh": {}, "Relu": {}, "Erf": {},
        "Softplus": {}, "Softsign": {}, "Floor": {}, "Ceil": {}, "Round": {}, "Sin": {}, "Cos": {},
        "Atan": {}, "Sinh": {}, "Sign": {}, "HardSwish": {}, "Reciprocal": {},
        "LeakyRelu": {"alpha": 0.2}, "Elu": {"alpha": 0.7}, "Selu": {}, "Celu": {"alpha": 1.3},
        "HardSigmoid": {"alpha": 0.3, "beta": 0.4}, "ThresholdedRelu": {"alpha": 0.5},
    }
    for op, attributes in unary.items():
        case = Case(f"unary_{op.lower()}")
        x = case.input(case.normal(3, 1001, scale=3))
        case.write(folder, case.node(op, x, **attributes))
    for op in ("Log", "Sqrt"):
        case = Case(f"unary_{op.lower()}")
        x = case.input(np.abs(case.normal(7, 333, scale=100)) + np.float32(1e-6))
        case.write(folder, case.node(op, x))
    for approximate in ("none", "tanh"):
        case = Case(f"gelu_{approximate}", opset=20)
        case.write(folder, case.node("Gelu", case.input((3, 500)), approximate=approximate))
    case = Case("mish", opset=18)
    case.write(folder, case.node("Mish", case.input(case.normal(3, 500, scale=5))))
    shapes = [
        ((2, 3, 4, 5), (2, 3, 4, 5)), ((2, 3, 4, 5), (3, 1, 1)), ((2, 3, 4, 5), (5,)),
        ((2, 3, 40, 500), (3, 1, 500)), ((2, 3, 40, 500), (40, 1)), ((1,), (3, 4)), ((), (7, 9)),
        ((4, 1, 6), (1, 5, 1)), ((3, 1, 300), (1, 7, 300)), ((64, 3), (64, 1)), ((8, 1000), (1000,)),
    ]
    for op in ("Add", "Sub", "Mul", "Div"):
        for index, (a, b) in enumerate(shapes):
            case = Case(f"binary_{op.lower()}_{index}")
            case.write(folder, case.node(op, case.input(a), case.input(b)))
    for op in ("Min", "Max", "Sum", "Mean"):
        case = Case(f"variadic_{op.lower()}")
        operands = [case.input(shape) for shape in ((3, 4, 5), (4, 1), (5,), (1, 1, 1))]
        case.write(folder, case.node(op, *operands))
    for exponent in (2.0, 0.5, 3.0, -1.0, 0.3):
        case = Case(f"pow_{exponent}")
        x = case.input(np.abs(case.normal(4, 100)) + np.float32(0.1))
        case.write(folder, case.node("Pow", x, case.weight(np.float32(exponent))))
    case = Case("pow_of_arrays")
    x = case.input(np.abs(case.normal(4, 100)) + np.float32(0.1))
    case.write(folder, case.node("Pow", x, case.input((4, 1))))
    for shape in ((5,), (5, 1, 1), (1,)):
        case = Case(f"prelu_{len(shape)}_{shape[0]}")
        x = case.input((2, 5, 6, 5))
        case.write(folder, case.node("PRelu", x, case.weight(case.normal(*shape))))
    case = Case("clip_6", opset=6)
    case.write(folder, case.node("Clip", case.input((5, 9)), min=-0.5, max=0.7))
    case = Case("clip_13")
    x = case.input((5, 9))
    case.write(folder, case.node("Clip", x, case.weight(np.float32(-0.5)), ""))
    for op in ("Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"):
        case = Case(f"compare_{op.lower()}")
        a = case.input(np.round(case.normal(4, 1, 6)))
        b = case.input(np.round(case.normal(5, 1)))
        case.write(folder, case.node(op, a, b))
    case = Case("where")
    condition = case.input(case.normal(4, 1, 6) > 0)
    case.write(folder, case.node("Where", condition, case.input((5, 6)), case.input((4, 5, 1))))


def products(folder: pathlib.Path) -> None:
    shapes = [
        ((5, 7), (7, 9)), ((1, 3), (3, 1)), ((2, 3, 40, 64), (64, 8)), ((2, 3, 33, 16), (2, 3, 16, 21)),
        ((4, 1, 9, 5), (3, 5, 6)), ((7,), (7,)), ((6, 7), (7,)), ((7,), (7, 6)), ((3, 5, 7), (7,)),
        ((1, 48, 100, 128), (128, 16)), ((130, 300), (300, 70)),
    ]
    for index, (a, b) in enumerate(shapes):
        case = Case(f"matmul_{index}")
        case.write(folder, case.node("MatMul", case.input(a), case.input(b)))
        case = Case(f"matmul_known_{index}")
        x = case.input(a)
        case.write(folder, case.node("MatMul", x, case.weight(case.normal(*b))))
    for flip_a, flip_b, c, known in itertools.product(
        (0, 1), (0, 1), (None, (9,), (1,), (5, 1), (5, 9)), (False, True)
    ):
        label = "none" if c is None else "x".join(map(str, c))
        case = Case(f"gemm_{flip_a}{flip_b}_{label}_{'known' if known else 'open'}")
        operands = [case.input((7, 5) if flip_a else (5, 7))]
        shape = (9, 7) if flip_b else (7, 9)
        operands.append(case.weight(case.normal(*shape)) if known else case.input(shape))
        if c is not None:
            operands.append(case.weight(case.normal(*c)) if known else case.input(c))
        case.write(
            folder, case.node("Gemm", *operands, transA=flip_a, transB=flip_b, alpha=0.7, beta=1.3)
        )


def movement(folder: pathlib.Path) -> None:
    for order in itertools.permutations(range(4)):
        case = Case("transpose_" + "".join(map(str, order)))
        case.write(folder, case.node("Transpose", case.input((3, 5, 18, 37)), perm=order))
    for axis, parts in ((0, (2, 3)), (1, (1, 4, 2)), (3, (5, 6)), (-1, (1, 1, 1))):
        case = Case(f"concat_{axis}_{len(parts)}")
        operands = []
        for part in parts:
            shape = [3, 4, 5, 6]
            shape[axis] = part
            operands.append(case.input(tuple(shape)))
        case.write(folder, case.node("Concat", *operands, axis=axis))
    for opset in (11, 13, 18):
        case = Case(f"split_{opset}", opset=opset)
        x = case.input((2, 9, 5))
        if opset < 13:
            y = case.node("Split", x, outputs=3, axis=1, split=(2, 3, 4))
        else:
            y = case.node("Split", x, case.weight(np.array([2, 3, 4])), outputs=3, axis=1)
        case.write(folder, *y)
    case = Case("split_uneven", opset=18)
    case.write(folder, *case.node("Split", case.input((2, 10)), outputs=4, axis=1, num_outputs=4))
    for index, (starts, ends, axes, steps) in enumerate(
        [
            ([0], [2], [0], [1]), ([1, -5], [9, 1 << 40], [1, 2], [1, 1]), ([-1], [-20], [2], [-1]),
            ([7], [0], [2], [-3]), ([3], [3], [1], [1]), ([0, 0], [4, 11], [1, 2], [2, 3]),
        ]
    ):
        case = Case(f"slice_{index}")
        x = case.input((2, 6, 11))
        operands = [case.weight(np.array(values, np.int64)) for values in (starts, ends, axes, steps)]
        case.write(folder, case.node("Slice", x, *operands))
    case = Case("slice_9", opset=9)
    case.write(folder, case.node("Slice", case.input((4, 8)), starts=[1, -3], ends=[3, -1], axes=[0, 1]))
    for mode, pads in itertools.product(
        ("constant", "reflect", "edge"), ((0, 0, 1, 2, 0, 0, 3, 1), (0, 1, 0, 2, 0, 1, 0, 0), (0, 0, -1, 1, 0, 0, 2, -2))
    ):
        case = Case(f"pad_{mode}_{'_'.join(map(str, pads))}")
        x = case.input((2, 3, 5, 6))
        case.write(folder, case.node("Pad", x, case.weight(np.array(pads)), case.weight(np.float32(0.5)), mode=mode))
    case = Case("pad_2", opset=10)
    case.write(folder, case.node("Pad", case.input((3, 4)), pads=(1, 0, 0, 2), value=2.0))
    case = Case("pad_wrap", opset=19)
    case.write(folder, case.node("Pad", case.input((3, 4)), case.weight(np.array([1, 2, 2, 1])), mode="wrap"))
    case = Case("expand")
    case.write(folder, case.node("Expand", case.input((3, 1, 5)), case.weight(np.array([2, 1, 4, 1]))))
    case = Case("tile")
    case.write(folder, case.node("Tile", case.input((2, 3, 4)), case.weight(np.array([2, 1, 3]))))
    for mode in ("DCR", "CRD"):
        case = Case(f"depthtospace_{mode.lower()}")
        case.write(folder, case.node("DepthToSpace", case.input((2, 12, 3, 5)), blocksize=2, mode=mode))
    case = Case("spacetodepth")
    case.write(folder, case.node("SpaceToDepth", case.input((2, 3, 6, 8)), blocksize=2))
    for axis, indices in ((0, [2, 0]), (1, [[0, -1], [3, 3]]), (2, 4)):
        case = Case(f"gather_{axis}")
        x = case.input((3, 4, 5))
        case.write(folder, case.node("Gather", x, case.weight(np.array(indices, np.int64)), axis=axis))


def reductions(folder: pathlib.Path) -> None:
    for op in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSumExp"):
        for axes, keeps in (([1], 1), ([-1], 0), ([0, 2], 1), ([2, 3], 0), (None, 1)):
            label = "all" if axes is None else "_".join(map(str, axes)).replace("-", "m")
            case = Case(f"reduce_{op.lower()}_{label}")
            x = case.input(case.normal(3, 4, 5, 70, scale=0.7))
            options = {"keepdims": keeps}
            operands = [x]
            if axes is not None and op == "Sum":
                operands.append(case.weight(np.array(axes)))
            elif axes is not None:
                options["axes"] = axes
            case.write(folder, case.node(f"Reduce{op}", *operands, **options))
    case = Case("reducemean_18", opset=18)
    x = case.input((3, 40, 50))
    case.write(folder, case.node("ReduceMean", x, case.weight(np.array([1]))))
    for op, opset, axis in itertools.product(("Softmax", "LogSoftmax"), (11, 13), (0, 1, 2, -1)):
        case = Case(f"{op.lower()}_{opset}_{axis}", opset=opset)
        case.write(folder, case.node(op, case.input(case.normal(3, 4, 300, scale=5)), axis=axis))


def normalizations(folder: pathlib.Path) -> None:
    for shape in ((2, 5, 6, 7), (3, 5, 40), (4, 5)):
        case = Case(f"batchnormalization_{len(shape)}")
        x = case.input(shape)
        parameters = [case.weight(case.normal(5)) for _ in range(3)]
        parameters.append(case.weight(np.abs(case.normal(5)) + 0.1))
        case.write(folder, case.node("BatchNormalization", x, *parameters, epsilon=1e-3))
    for shape in ((2, 5, 6, 70), (1, 5, 401)):
        case = Case(f"instancenormalization_{len(shape)}")
        x = case.input(case.normal(*shape) + 3)
        parameters = [case.weight(case.normal(5)) for _ in range(2)]
        case.write(folder, case.node("InstanceNormalization", x, *parameters))
    for axis in (-1, 1, 2):
        case = Case(f"layernormalization_{axis}")
        shape = (2, 3, 40, 10)
        x = case.input(case.normal(*shape) - 2)
        tail = shape[axis:] if axis >= 0 else shape[-1:]
        parameters = [case.weight(case.normal(*tail)) for _ in range(2)]
        case.write(folder, case.node("LayerNormalization", x, *parameters, axis=axis))
    case = Case("groupnormalization_21", opset=21)
    x = case.input((2, 6, 5, 9))
    parameters = [case.weight(case.normal(6)) for _ in range(2)]
    case.write(folder, case.node("GroupNormalization", x, *parameters, num_groups=3))


def resizes(folder: pathlib.Path) -> None:
    modes = [
        ("nearest", "asymmetric", {"nearest_mode": "floor"}), ("nearest", "half_pixel", {}),
        ("linear", "half_pixel", {}), ("linear", "align_corners", {}), ("linear", "asymmetric", {}),
        ("linear", "pytorch_half_pixel", {}), ("cubic", "half_pixel", {}), ("cubic", "align_corners", {}),
    ]
    for mode, coordinates, extra in modes:
        for sizes in ((1, 2, 10, 14), (1, 2, 3, 12), (1, 2, 1, 4)):
            case = Case(f"resize_{mode}_{coordinates}_{sizes[2]}")
            x = case.input((1, 2, 5, 7))
            y = case.node(
                "Resize", x, "", "", case.weight(np.array(sizes)), mode=mode,
                coordinate_transformation_mode=coordinates, **extra,
            )
            case.write(folder, y)
    for mode in ("nearest", "linear"):
        case = Case(f"resize_scales_{mode}")
        x = case.input((1, 3, 6, 8))
        case.write(
            folder,
            case.node("Resize", x, "", case.weight(np.array([1, 1, 2, 2], np.float32)), mode=mode,
                      coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
        )
        case = Case(f"upsample_{mode}", opset=9)
        x = case.input((1, 3, 6, 8))
        case.write(folder, case.node("Upsample", x, case.weight(np.array([1, 1, 2, 3], np.float32)), mode=mode))


def recurrent(folder: pathlib.Path) -> None:
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}
    for op, direction, steps, batch, size, hidden in itertools.product(
        gates, ("forward", "reverse", "bidirectional"), (1, 23), (1, 3), (10,), (7, 16)
    ):
        count = 2 if direction == "bidirectional" else 1
        case = Case(f"{op.lower()}_{direction}_{steps}_{batch}_{hidden}")
        rows = gates[op] * hidden
        operands = [
            case.input((steps, batch, size)),
            case.weight(case.normal(count, rows, size, scale=0.3)),
            case.weight(case.normal(count, rows, hidden, scale=0.3)),
            case.weight(case.normal(count, 2 * rows, scale=0.3)),
            "",
            case.input((count, batch, hidden)),
        ]
        options = {"direction": direction, "hidden_size": hidden}
        if op == "LSTM":
            operands.append(case.input((count, batch, hidden)))
        if op == "GRU" and hidden == 7:
            options["linear_before_reset"] = 1
        names = case.node(op, *operands, outputs=3 if op == "LSTM" else 2, **options)
        case.write(folder, *names)


def write_all(folder: pathlib.Path) -> None:
    for part in (
        convolutions, transposed, pools, elementwise, products, movement, reductions,
        normalizations, resizes, recurrent,
    ):
        part(folder)
