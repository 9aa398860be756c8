"""Writes a reference case for Open-Unmix: .pth files of random weights, the model folder that
openunmix_to_onnx.py makes of them, a mixture, and the stems that the openunmix package takes from it.

    make_openunmix_case.py OUTPUT

Needs the packages in requirements-openunmix.txt; loads nothing from a network.

The mixture is one window of 300 frames long, since the package's recurrent layers see the whole track
and ours a segment. It begins and ends in silence, because the package mirrors the sound at the ends of
a track and Unbraid takes what lies beyond them for silence.
"""

import subprocess
import sys
import types
from pathlib import Path

# The package loads it to read sound files, which is not done here.
sys.modules["torchaudio"] = types.ModuleType("torchaudio")

import numpy as np
import torch
from openunmix.model import OpenUnmix, Separator

from mixture import RATE, mixture, write_mixture

FRAMES, HOP, HIDDEN = 300, 1024, 64


def main() -> None:
    output = Path(sys.argv[1])
    weights = output / "weights"
    weights.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(4)
    nets = {}
    for stem in ("drums", "bass", "vocals", "other"):
        net = OpenUnmix(nb_bins=2049, nb_channels=2, hidden_size=HIDDEN, max_bin=1487)
        with torch.no_grad():
            for name, value in net.state_dict().items():
                if "running_var" in name or name.startswith(("bn", "output_scale")):
                    if value.dtype.is_floating_point:
                        value.copy_(0.5 + torch.rand_like(value))
                elif name.startswith(("input_scale", "input_mean")):
                    value.copy_(0.01 + 0.02 * torch.rand_like(value))
        net.eval()
        nets[stem] = net
        torch.save(net.state_dict(), weights / f"{stem}-0.pth")
    length = (FRAMES - 1) * HOP + 500
    sound = mixture(length / RATE)[:length]
    sound = np.concatenate([sound, np.zeros((max(0, length - len(sound)), 2))])
    sound[:4096] = 0
    sound[-4096:] = 0
    write_mixture(output / "mixture.wav", sound)
    separator = Separator(nets, niter=1, wiener_win_len=300).eval()
    with torch.no_grad():
        stems = separator(torch.from_numpy(sound.T.astype(np.float32))[None])
    for stem, result in zip(nets, stems[0]):
        result.numpy().T.astype("<f4").tofile(output / f"{stem}.f32")
    subprocess.run(
        [sys.executable, Path(__file__).with_name("openunmix_to_onnx.py"), weights,
         output / "model", "--as-published"], check=True)


if __name__ == "__main__":
    main()
