"""Reads a .stem.mp4 file with stempeg, and its description with mutagen's atoms; prints JSON.

    python read_stems.py FILE
"""

import json
import sys

import numpy
import stempeg
from mutagen.mp4 import Atoms

path = sys.argv[1]
info = stempeg.Info(path)
sound, rate = stempeg.read_stems(path, info=info)
with open(path, "rb") as file:
    atom = Atoms(file)[b"moov.udta.stem"]
    file.seek(atom.offset + 8)
    stem = file.read(atom.length - 8).decode()
print(json.dumps({
    "streams": int(sound.shape[0]),
    "rate": float(rate),
    "peaks": [int(numpy.argmax(track[:, 0])) for track in sound],
    "names": info.title_streams,
    "stem": stem,
}))
