import pytest
import torch

from unbraid_training import export
from unbraid_training.graph import read_weights
from unbraid_training.net import Separator, features

SEGMENT = {"frames": 32, "context": 8, "crossfade": 4}


def random_net():
    torch.manual_seed(4)
    net = Separator().train()
    with torch.no_grad():
        net(*features(torch.randn(1, 4, 32, 2048) * 30, net.shape.split))
    return net.eval()


def test_onnx_runtime_gives_the_masks_of_pytorch(tmp_path):
    assert export.write(random_net(), tmp_path, "a test", SEGMENT) < 1e-4


def test_an_exported_net_can_be_read_back_for_more_training(tmp_path):
    net = random_net()
    export.write(net, tmp_path, "a test", SEGMENT)
    weights = read_weights(tmp_path / "separator.onnx")
    for name, value in net.state_dict().items():
        if "num_batches" not in name:
            found = torch.from_numpy(weights[name])
            assert found.shape == value.shape
            assert (found - value).abs().max() <= 1e-3 * value.abs().max() + 1e-7


def bench(folder, passed):
    """Stands for the engine's program: says how many cases it found, or that one failed."""
    path = folder / "bench"
    path.write_text("#!/bin/sh\n[ \"$1 $3\" = \"conformance --json\" ] || exit 64\n"
                    "cases=$(ls $2/*/model.onnx $2/*/test_data_set_0/output_0.pb | wc -l)\n"
                    f"echo \"{{\\\"passed\\\": $((cases / 2 - {0 if passed else 1})), "
                    "\\\"worst_passed_error_db\\\": -120.5}\"\n"
                    f"exit {0 if passed else 1}\n")
    path.chmod(0o755)
    return path


def test_the_engine_is_checked_against_pytorch_and_onnx_runtime(tmp_path):
    net = random_net()
    export.write(net, tmp_path, "a test", SEGMENT)
    assert export.check_engine(net, tmp_path, bench(tmp_path, True), 32) == -120.5
    with pytest.raises(RuntimeError, match="the engine differs"):
        export.check_engine(net, tmp_path, bench(tmp_path, False), 32)
