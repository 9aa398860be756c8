"""Separates a WAV file as the openunmix package does, or makes weights of umxhq's size.

    openunmix_run.py WEIGHTS FILE OUTPUT
    openunmix_run.py --make WEIGHTS
"""

import sys
import types
import wave
from pathlib import Path

# The package loads it to read sound files, which is not done by it here.
sys.modules["torchaudio"] = types.ModuleType("torchaudio")

import numpy as np
import torch
from openunmix.model import OpenUnmix, Separator

STEMS = ("drums", "bass", "vocals", "other")


def net():
    return OpenUnmix(nb_bins=2049, nb_channels=2, hidden_size=512, max_bin=1487).eval()


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(4)
    for stem in STEMS:
        torch.save(net().state_dict(), folder / f"{stem}-0.pth")


def main():
    if sys.argv[1] == "--make":
        return make(Path(sys.argv[2]))
    weights, source, output = map(Path, sys.argv[1:])
    with wave.open(str(source)) as file:
        rate = file.getframerate()
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2) / 32768
    nets = {}
    for stem in STEMS:
        nets[stem] = net()
        nets[stem].load_state_dict(torch.load(weights / f"{stem}-0.pth"))
    separator = Separator(nets, niter=1).eval()
    with torch.no_grad():
        stems = separator(torch.from_numpy(sound.T.astype(np.float32))[None])[0].numpy()
    for stem, values in zip(STEMS, stems):
        with wave.open(str(output / f"{stem}.wav"), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes((np.clip(values.T, -1, 1) * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
