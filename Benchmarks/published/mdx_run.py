"""Separates a sound file as the audio-separator package does, with its usual settings for MDX nets, or
makes a net of the usual size.

    mdx_run.py NET FILE OUTPUT
    mdx_run.py --make NET
"""

import logging
import sys
import types
from pathlib import Path

# The package loads this converter, and uses it only for chunks of another length than the net's.
sys.modules["onnx2torch"] = types.ModuleType("onnx2torch")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "compare"))

SETTINGS = {"compensate": 1.035, "mdx_dim_f_set": 2048, "mdx_n_fft_scale_set": 6144,
            "mdx_dim_t_set": 8, "primary_stem": "Vocals"}


def make(path):
    import nets
    import onnx

    nets.tfc_tdf(path)
    model = onnx.load(path)
    # The package gives its input this name.
    old = model.graph.input[0].name
    model.graph.input[0].name = "input"
    for node in model.graph.node:
        node.input[:] = ["input" if name == old else name for name in node.input]
    onnx.save(model, path)


def main():
    if sys.argv[1] == "--make":
        return make(Path(sys.argv[2]))
    import torch
    from audio_separator.separator.architectures.mdx_separator import MDXSeparator

    net, source, output = sys.argv[1:]
    logger = logging.getLogger("run")
    separator = MDXSeparator(
        {"logger": logger, "log_level": logging.WARNING, "torch_device": torch.device("cpu"),
         "torch_device_cpu": torch.device("cpu"), "torch_device_mps": None,
         "onnx_execution_provider": ["CPUExecutionProvider"], "model_name": "net",
         "model_path": net, "output_dir": output, "output_format": "WAV", "output_bitrate": None,
         "normalization_threshold": 1.0, "amplification_threshold": 0.0,
         "output_single_stem": None, "invert_using_spec": False, "sample_rate": 44100,
         "use_soundfile": True, "model_data": SETTINGS},
        {"segment_size": 256, "overlap": 0.25, "batch_size": 1, "hop_length": 1024,
         "enable_denoise": False})
    separator.separate(source)


if __name__ == "__main__":
    main()
