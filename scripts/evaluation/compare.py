"""Measures `unbraid evaluate` beside museval on the same track, in turns, and compares the scores.

    compare.py UNBRAID [SECONDS] [RUNS]

UNBRAID is the built program. The track has four stereo stems at 44.1 kHz. Both times are of whole
programs' work: reading the files, then scoring. Needs the packages in requirements.txt.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import museval
import numpy as np
import soundfile

from make_cases import NAMES, quantised, spoiled, stems


def read(folder: Path) -> list:
    return [soundfile.read(folder / f"{name}.wav", always_2d=True)[0] for name in NAMES]


def main() -> None:
    program = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    random = np.random.default_rng(3)
    references = stems(random, 44_100, seconds, 2)
    times = {"museval": [], "unbraid": []}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for kind, sounds in (("true", references), ("found", spoiled(random, references, 0.5))):
            (root / kind / "track").mkdir(parents=True)
            for name, sound in zip(NAMES, sounds):
                soundfile.write(
                    root / kind / "track" / f"{name}.wav", quantised(sound), 44_100, "PCM_24")
        for _ in range(runs):
            start = time.monotonic()
            theirs = museval.evaluate(read(root / "true/track"), read(root / "found/track"))
            times["museval"].append(time.monotonic() - start)
            start = time.monotonic()
            output = subprocess.run(
                [program, "evaluate", root / "true", root / "found", "--json"], check=True,
                capture_output=True, text=True).stdout
            times["unbraid"].append(time.monotonic() - start)
    found = json.loads(output.splitlines()[0])["stems"]
    difference = 0.0
    for index, ratio in enumerate(("sdr", "isr", "sir", "sar")):
        ours = np.array([stem["windows"][ratio] for stem in found], float)
        difference = max(difference, float(np.nanmax(np.abs(ours - theirs[index]))))
    medians = {name: float(np.median(values)) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:8} {median:8.2f} s for {seconds:.0f} s of sound, median of {runs}")
    print(f"ratio    {medians['museval'] / medians['unbraid']:8.1f}")
    print(f"greatest difference {difference:.6f} dB")


if __name__ == "__main__":
    main()
