"""Writes test cases whose expected outputs ONNX Runtime has computed.

    python make_cases.py OUT

Each case is a folder in ONNX's own layout: model.onnx, test_data_set_0/input_*.pb, output_*.pb.
"""

from __future__ import annotations

import pathlib
import sys

import nets
import operators


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    operators.write_all(folder)
    nets.write_all(folder)
    print(f"{sum(1 for _ in folder.glob('*/model.onnx'))} cases in {folder}")


if __name__ == "__main__":
    main()
