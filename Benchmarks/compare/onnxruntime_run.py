"""Times one net in ONNX Runtime on random inputs; prints a JSON object like `unbraid-bench net`.

A process of its own for each measurement: its threads spin for a while after a run, which would
slow down whoever is measured next.
"""

import json
import sys
import time

import numpy as np
import onnxruntime


def main(path, threads, runs, open_size):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    inputs = {
        value.name: random.uniform(
            -1, 1, [size if isinstance(size, int) else open_size for size in value.shape]
        ).astype(np.float32)
        for value in session.get_inputs()
    }
    session.run(None, inputs)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        session.run(None, inputs)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "version": onnxruntime.__version__}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
