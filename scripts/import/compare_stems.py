"""Compares stems written as 32-bit float WAV with the reference arrays of a case.

    compare_stems.py CASE_FOLDER STEMS_FOLDER [STEM...]

Prints each stem's difference in dB relative to the reference's level. With no stem named, all `.npy`
files of the case are compared.
"""

import sys
from pathlib import Path

import numpy as np


def read(path: Path) -> np.ndarray:
    """The samples of a 32-bit float WAV file, [sample, channel]."""
    data = path.read_bytes()
    channels = int.from_bytes(data[22:24], "little")
    start = data.index(b"data") + 8
    return np.frombuffer(data[start:], "<f4").reshape(-1, channels)


def main() -> None:
    case, stems = Path(sys.argv[1]), Path(sys.argv[2])
    for name in sys.argv[3:] or sorted(path.stem for path in case.glob("*.npy")):
        expected = np.load(case / f"{name}.npy").astype(np.float64)
        found = read(stems / f"{name}.wav").astype(np.float64)[: len(expected)]
        level = 20 * np.log10(np.sqrt(np.mean(expected**2)) + 1e-30)
        error = 20 * np.log10(np.sqrt(np.mean((found - expected) ** 2)) + 1e-30)
        print(f"{name}: {error - level:.1f} dB (level {level:.1f} dBFS)")


if __name__ == "__main__":
    main()
