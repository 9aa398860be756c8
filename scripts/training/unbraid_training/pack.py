"""A small copy of the corpus's training part, for a machine without network."""

import csv
import io
import math
import tarfile

import numpy as np
import soundfile
from scipy import signal

from . import found, played

OPUS_RATE = 48000
WHOLE_SONGS = ("songs", "guitar-songs")


def pack(corpus, output, rate=36.0, song_rate=30.0, instruments=None, sources=None):
    """Writes the training sounds as Opus, tables and MIDI to a .tar; returns its bytes.

    rate: kbit/s of two channels of single sounds, song_rate: of stems and songs, which are most of
    the minutes. Names stay as they are, so the unpacked folder is used as the corpus is.
    Validation songs and voices stay out. Prepared instruments and what is taken of public repositories
    lie in it as `instruments` and `sources`.
    """
    with open(corpus / "manifest.csv", newline="") as table:
        rows = [r for r in csv.DictReader(table) if r["split"] == "train"]
    with tarfile.open(output, "w") as archive:
        manifest = io.StringIO()
        writer = csv.DictWriter(manifest, rows[0].keys())
        writer.writeheader()
        for row in rows:
            path = corpus / row["path"]
            if path.is_file() and path.suffix in (".ogg", ".mp3"):
                writer.writerow(row)
                whole = row["path"].split("/")[0] in WHOLE_SONGS
                put(archive, row["path"], encode(path, song_rate if whole else rate))
        put(archive, "manifest.csv", manifest.getvalue().encode())
        tables = [*corpus.rglob("map.json"), *corpus.rglob("kit.json"),
                  *corpus.rglob("LICENSE*"), *(corpus / "midi").iterdir()]
        for path in sorted(set(tables)):
            put(archive, str(path.relative_to(corpus)), path.read_bytes())
        for path in sorted(instruments.rglob("*.*")) if instruments else ():
            sound = path.suffix == ".flac"
            put(archive, str("instruments" / path.relative_to(instruments)),
                encode(path, rate) if sound else path.read_bytes())
        for path in sounds(sources) if sources else ():
            put(archive, str("sources" / path.relative_to(sources)), encode(path, song_rate))
    return output.stat().st_size


def sounds(sources):
    """The sound files that `found` and `played` take from the folder of checkouts."""
    return found.files(sources) + [p for _, _, paths in played.files(sources) for p in paths]


def encode(path, kilobits, block=2**16):
    """Opus at 48 kHz of a sound file, `kilobits` a second for two channels, 0.6 of it for one."""
    x, rate = soundfile.read(path, always_2d=True, dtype="float32")
    if rate != OPUS_RATE:
        common = math.gcd(rate, OPUS_RATE)
        x = signal.resample_poly(x, OPUS_RATE // common, rate // common, axis=0).astype(np.float32)
    channels = x.shape[1]
    a_channel = kilobits / 2 if channels == 2 else kilobits * 0.6
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", OPUS_RATE, channels, format="OGG", subtype="OPUS",
                             compression_level=compression(a_channel)) as file:
        for start in range(0, len(x), block):
            file.write(x[start:start + block])
    return buffer.getvalue()


def compression(kilobits):
    """libsndfile's level of an Opus rate a channel: 256 kbit/s at 0 down to 6 at 1."""
    return min(1.0, max(0.0, (256 - kilobits) / 250))


def put(archive, name, data):
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
