"""Real guitar and bass playing, recorded without an amplifier, as records have it.

What was played stays: its timing, muting and noises. Amplifiers, rooms, pitch and whether a part is heard
twice, left and right, differ from take to take.
"""

from pathlib import Path

import numpy as np

from . import SAMPLE_RATE, effects
from .found import SOURCES
from .parts import produced_bass, produced_part
from .render import LEVEL, store
from .samples import read, repitch

# Repository, stem, files; where `joined`, the files are pieces of one recording, in the order of their
# numbers. One that quotes a band by its name is left out.
PLAYED = (
    ("andremichelle/neural-amp-modeler-wasm", "bass", "ui/public/inputs/* - Bass.wav", False),
    ("andremichelle/neural-amp-modeler-wasm", "other", "ui/public/inputs/* - Guitar.wav", False),
    ("jatinchowdhury18/KlonCentaur", "other", "GainStageTraining/DataIn/sample*.wav", True),
    ("Kutalia/neural-amp-modeler-react", "other", "public/Drop_D_Riff.mp3", False),
    ("sdatkinson/NeuralAmpModelerPlugin", "other", "REAPER/Guitar DI.wav", False),
)
LEFT_OUT = ("Decapitated - Guitar.wav",)
TAKES = {"bass": 6, "other": 3}


def files(sources):
    """(stem, name, paths) of what is there below the folder of checkouts: one path, or the pieces."""
    for repository, stem, pattern, joined in PLAYED:
        place = Path(sources) / SOURCES[repository].folder
        paths = [p for p in sorted(place.glob(pattern)) if p.name not in LEFT_OUT]
        if joined and paths:
            paths.sort(key=lambda p: int("".join(c for c in p.stem if c.isdigit())))
            yield stem, repository.split("/")[1].lower(), paths
        elif not joined:
            for path in paths:
                yield stem, "".join(c for c in path.stem.lower() if c.isalnum()), [path]


def drifting(x, rng):
    """The same playing a little later or earlier from moment to moment, as a second take is."""
    knots = int(len(x) / SAMPLE_RATE * 2) + 2
    late = np.interp(np.arange(len(x)), np.linspace(0, len(x), knots),
                     rng.uniform(0.004, 0.024, knots)) * SAMPLE_RATE
    index = np.arange(len(x)) - late
    return np.stack([np.interp(index, np.arange(len(x)), c, left=0) for c in x.T], 1)


def amplified(x, rng, gain):
    """Through an amplifier of `gain` dB, or none, and a cabinet that booms or does not."""
    if gain is None:
        return effects.tilt(x, rng)
    boom = effects.peak(effects.amplifier(x, rng, gain), rng.uniform(85, 150), rng.uniform(-2, 10), 1.2)
    return effects.normalise(boom)


def guitar(x, rng):
    """One take of a guitar part: alone in its place, or heard twice, left and right."""
    gain = rng.uniform(4, 38) if rng.random() < 0.75 else None
    if rng.random() < 0.5:
        return produced_part(amplified(x, rng, gain), rng)
    place = rng.uniform(0.6, 1)
    sides = [effects.pan(effects.normalise(amplified(take, rng, gain)), side)
             for take, side in ((x, -place), (drifting(x, rng), place))]
    both = effects.normalise(sides[0] + sides[1])
    return effects.reverberate(both, rng) if rng.random() < 0.5 else both


def played(sources, folder, seed=1):
    """Writes every take to the pools; returns minutes by stem."""
    minutes = {}
    for number, (stem, name, paths) in enumerate(files(sources)):
        x = np.concatenate([read(p) for p in paths])
        for take in range(TAKES[stem]):
            rng = np.random.default_rng([seed, number, take])
            tuned = effects.mono(repitch(x, 2 ** (rng.uniform(-4, 3) / 12)))
            made = produced_bass(tuned, rng) if stem == "bass" else guitar(tuned, rng)
            store(folder, stem, f"played_{name}_{take}", effects.normalise(made, LEVEL))
            minutes[stem] = minutes.get(stem, 0) + len(made) / SAMPLE_RATE / 60
    return minutes
