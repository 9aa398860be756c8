"""Scores separations of excerpts with true stems: SDR, SI-SDR, leaks, quiet vocals."""

import json
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from . import SAMPLE_RATE, STEMS
from .classical import classical
from .render import VALIDATION_SONGS
from .separate import leaks, oracle, separate

UNTRUSTED = {"caesium": ("bass", "other")}  # its bass and lead are one track


def read(path):
    x, rate = soundfile.read(path, always_2d=True, dtype="float32")
    if rate != SAMPLE_RATE:
        raise ValueError(f"{path} has {rate} Hz, not {SAMPLE_RATE}")
    return x[:, :2] if x.shape[1] >= 2 else np.repeat(x, 2, 1)


def excerpts(folder, seconds=None, start=0.0):
    """(name, stems [4, samples, 2]) of each folder below that holds the four stems."""
    for path in sorted(Path(folder).glob("*/drums.*")):
        stems = [read(path.with_stem(s)) for s in STEMS]
        first = int(start * SAMPLE_RATE)
        count = min(len(x) for x in stems)
        last = min(count, first + int(seconds * SAMPLE_RATE)) if seconds else count
        yield path.parent.name, np.stack([x[first:last] for x in stems])


def validation_songs(corpus, seconds=60.0, start=60.0):
    for name, stems in excerpts(Path(corpus) / "songs", seconds, start):
        if name in VALIDATION_SONGS:
            yield name, stems


def sdr(truth, estimate):
    """10 log10 of the stem's energy over the error's, over all samples and channels, in dB."""
    truth, estimate = truth.astype(np.float64), estimate.astype(np.float64)
    energy = np.sum(truth**2)
    return float(10 * np.log10(energy / (np.sum((truth - estimate) ** 2) + 1e-12) + 1e-12))


def si_sdr(truth, estimate):
    """The same after scaling the truth to the estimate (Le Roux et al., 2019)."""
    truth, estimate = truth.astype(np.float64), estimate.astype(np.float64)
    scaled = truth * (np.sum(truth * estimate) / (np.sum(truth**2) + 1e-12))
    return float(10 * np.log10((np.sum(scaled**2) + 1e-12)
                               / (np.sum((scaled - estimate) ** 2) + 1e-12) + 1e-12))


def by_program(program, model=None):
    """A separator that runs the Swift program on a float WAV and reads the stems it writes."""

    def run(mixture):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "mixture.wav"
            soundfile.write(source, mixture, SAMPLE_RATE, subtype="FLOAT")
            command = [str(program), str(source), "-o", str(Path(folder) / "out")]
            if model:
                command += ["--model", str(model)]
            subprocess.run(command, check=True, capture_output=True)
            found = {p.stem: p for p in Path(folder).glob("out/**/*.wav")}
            return np.stack([read(found[s]) for s in STEMS])

    return run


def score(items, separator):
    """Rows {excerpt, stem: {sdr, si_sdr}} of a separator (mixture -> stems) on excerpts."""
    rows = []
    for name, stems in items:
        estimate = separator(stems.sum(0), stems)
        row = {"excerpt": name}
        for i, stem in enumerate(STEMS):
            if stem not in UNTRUSTED.get(name, ()) and np.abs(stems[i]).max() > 1e-4:
                row[stem] = {"sdr": sdr(stems[i], estimate[i]),
                             "si_sdr": si_sdr(stems[i], estimate[i])}
        rows.append(row)
    return rows


def medians(rows, measure="sdr"):
    return {s: round(statistics.median(r[s][measure] for r in rows if s in r), 2) for s in STEMS
            if any(s in r for r in rows)}


def faults(net, sets, corpus=None, seconds=60.0):
    """Leaks (medians, share of the row stem's energy in the column's mask) and, in songs without a
    voice, the level of the vocal stem relative to the mix in dB."""
    result = {}
    for title, items in sets.items():
        table = np.median([leaks(net, stems) for _, stems in items], 0)
        result[title] = {a: {b: round(float(table[i, j]), 3) for j, b in enumerate(STEMS)}
                         for i, a in enumerate(STEMS)}
        print(f"{title}: vocals into other {table[2, 3]:.0%}, drums into bass {table[0, 1]:.0%}, "
              f"bass into drums {table[1, 0]:.0%}")
    if corpus:
        result["voiceless"] = {}
        for path in sorted(Path(corpus).glob("guitar-songs/*/song.ogg")):
            mixture = read(path)[: int(seconds * SAMPLE_RATE)]
            quiet = separate(net, mixture)[2]
            level = 10 * np.log10(np.sum(quiet**2) / np.sum(mixture**2) + 1e-12)
            result["voiceless"][path.parent.name] = round(float(level), 1)
            print(f"{path.parent.name}, no voice: vocal stem at {level:.1f} dB of the mix")
    return result


def separators(net=None, program=None, model=None, bounds=True):
    """Named separators (mixture, stems) -> estimates, for the columns of the table."""
    found = {}
    if bounds:
        found["mixture"] = lambda mixture, stems: np.repeat(mixture[None], 4, 0)
        found["classical"] = lambda mixture, stems: classical(mixture)
        found["oracle"] = oracle
    if net:
        found["net"] = lambda mixture, stems: separate(net, mixture)
    if program:
        run = by_program(program, model)
        found["program"] = lambda mixture, stems: run(mixture)
    return found


def report(sets, columns, path=None, net=None, corpus=None):
    """Prints a table of medians, each excerpt's SDR and the net's faults; writes all as JSON."""
    result = {}
    for title, items in list(sets.items()):
        items = sets[title] = list(items)
        print(f"{title} ({len(items)} excerpts), median SDR / SI-SDR in dB")
        for name, separator in columns.items():
            rows = score(items, separator)
            result.setdefault(title, {})[name] = rows
            plain, invariant = medians(rows), medians(rows, "si_sdr")
            cells = "  ".join(f"{s} {plain[s]:6.2f} / {invariant[s]:6.2f}" for s in plain)
            print(f"  {name:10s} {cells}")
            if name not in ("mixture", "classical", "oracle"):
                for row in rows:
                    cells = " ".join(f"{row[s]['sdr']:6.2f}" if s in row else "     -"
                                     for s in STEMS)
                    print(f"    {row['excerpt']:10s} {cells}")
    if net:
        result["faults"] = faults(net, sets, corpus)
    if path:
        Path(path).write_text(json.dumps(result, indent=1) + "\n")
    return result
