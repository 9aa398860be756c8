"""Small helpers that turn a list of ONNX nodes into a case folder with ONNX Runtime's outputs."""

from __future__ import annotations

import pathlib
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

TYPES = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.int64): TensorProto.INT64,
    np.dtype(np.int32): TensorProto.INT32,
    np.dtype(np.bool_): TensorProto.BOOL,
}


class Case:
    """A model under construction: inputs, weights and nodes, outputs named at the end."""

    def __init__(self, name: str, opset: int = 17) -> None:
        self.name = name
        self.opset = opset
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.feeds: dict[str, np.ndarray] = {}
        self.weights: list[onnx.TensorProto] = []
        self.nodes: list[onnx.NodeProto] = []
        self.count = 0

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}_{self.count}"

    def normal(self, *shape: int, scale: float = 1.0) -> np.ndarray:
        return np.asarray(self.random.standard_normal(shape) * scale, np.float32)

    def input(self, value: np.ndarray | tuple[int, ...]) -> str:
        name = self.fresh("input")
        self.feeds[name] = self.normal(*value) if isinstance(value, tuple) else value
        return name

    def weight(self, value: np.ndarray | list | float) -> str:
        array = np.asarray(value)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        name = self.fresh("weight")
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def node(self, op: str, *inputs: str, outputs: int = 1, **attributes):
        names = [self.fresh(op.lower()) for _ in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def write(self, folder: pathlib.Path, *outputs: str) -> None:
        inputs = [
            helper.make_tensor_value_info(name, TYPES[value.dtype], value.shape)
            for name, value in self.feeds.items()
        ]
        ports = [onnx.ValueInfoProto(name=name) for name in outputs]
        graph = helper.make_graph(self.nodes, self.name, inputs, ports, self.weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8
        )
        model = onnx.shape_inference.infer_shapes(model)
        for port in model.graph.output:
            # Some operators' results the package cannot infer: they are shaped like the input.
            if not port.type.tensor_type.elem_type:
                port.type.CopyFrom(inputs[0].type)
        onnx.checker.check_model(model)
        save(model, self.feeds, folder / self.name)


def save(model: onnx.ModelProto, feeds: dict[str, np.ndarray], folder: pathlib.Path) -> None:
    """Writes a model, its inputs, and the outputs that ONNX Runtime gives, in ONNX's layout."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    results = session.run(None, feeds)
    data = folder / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    for index, (name, value) in enumerate(feeds.items()):
        tensor = numpy_helper.from_array(value, name)
        (data / f"input_{index}.pb").write_bytes(tensor.SerializeToString())
    for index, (port, value) in enumerate(zip(session.get_outputs(), results, strict=True)):
        tensor = numpy_helper.from_array(value, port.name)
        (data / f"output_{index}.pb").write_bytes(tensor.SerializeToString())
