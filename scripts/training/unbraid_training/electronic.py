"""Electronic songs: a drum machine, a synthesizer's bass, and parts that give way to the kick."""

import numpy as np

from . import SAMPLE_RATE, compose, effects
from .machines import KICK, Machine, rhythm
from .parts import produced_bass, produced_drums, produced_part
from .synthesizers import synthesizer_bass, synthesizer_line, synthesizer_part

ROLES = ("pad", "arpeggio", "comp", "lead")
PROGRAMS = (4, 5, 38, 50, 51, 62, 63, 80, 81, 82, 84, 87, 88, 89, 90, 92, 94, 95, 98)  # General MIDI


def song(rng, seconds, band):
    """{stem: float32 [samples, 2]} of drums, bass and other."""
    bpm, notes = rhythm(rng, seconds)
    score = compose.with_progression(bpm, seconds, notes, rng)
    drums = Machine(rng).play(notes, seconds)
    if rng.random() < 0.2:  # hits of a kit under those of the machine
        drums = effects.normalise(drums) + 0.5 * effects.normalise(
            band.sampled_drums([n for n in notes if n[2] != KICK], seconds, rng))
    line = sequence(score, rng) if rng.random() < 0.6 else compose.bass_line(score, rng)
    if rng.random() < 0.75:
        bass = synthesizer_line(line, seconds, rng)
    elif band.font and rng.random() < 0.5:
        bass = band.font.play(line, seconds, int(rng.choice([38, 39])))
    else:
        bass = synthesizer_bass(line, seconds, rng)
    other = np.zeros((int(seconds * SAMPLE_RATE), 2), np.float32)
    for _ in range(rng.integers(1, 5)):
        part = compose.accompaniment(score, ROLES[rng.integers(len(ROLES))], rng)
        if part and band.font and rng.random() < 0.35:
            other += band.part(part, seconds, PROGRAMS[rng.integers(len(PROGRAMS))], rng, score.beat)
        elif part:
            other += produced_part(synthesizer_part(part, seconds, rng), rng, score.beat)
    bass = produced_bass(bass, rng)
    kicks = [n[0] for n in notes if n[2] == KICK]
    if rng.random() < 0.5:
        bass = ducked(bass, kicks, rng)
    if rng.random() < 0.4:
        other = ducked(other, kicks, rng)
    return {"drums": produced_drums(drums, rng), "bass": bass, "other": other}


def sequence(score, rng):
    """A bass of sixteenths that repeats every bar or two on the chord's root."""
    length = int(rng.choice([16, 16, 32]))
    hits = rng.random(length) < rng.uniform(0.25, 0.8)
    if rng.random() < 0.25:
        hits = np.arange(length) % 4 == 2  # between the kicks
    hits[0] |= rng.random() < 0.7
    turns = rng.choice([0, 0, 0, 0, 12, 12, 7, 10, -2], length)
    turns[rng.random(length) < rng.uniform(0, 1)] = 0
    step, legato, notes = score.beat / 4, rng.uniform(0.4, 1.1), []
    octave = int(rng.choice([12, 24, 24, 36]))
    for start, duration, root, _ in score.bars():
        for i in range(int(duration / step + 0.01)):
            position = int(round(start / step)) + i
            if hits[position % length]:
                pitch = octave + 4 + (root - 4) % 12 + int(turns[position % length])
                notes.append((start + i * step, step * legato * rng.choice([1, 1, 2]),
                              max(16, pitch), rng.uniform(85, 110)))
    return notes


def ducked(x, kicks, rng):
    """Quieter for a moment after every kick, as by a compressor that listens to it."""
    depth, release = rng.uniform(0.3, 0.95), rng.uniform(0.06, 0.25)
    curve = np.ones(len(x), np.float32)
    time = np.arange(int(4 * release * SAMPLE_RATE)) / SAMPLE_RATE
    dip = 1 - depth * np.exp(-time / release) * np.minimum(1, time / 0.004)
    for kick in kicks:
        at = int(kick * SAMPLE_RATE)
        part = curve[at:at + len(dip)]
        np.minimum(part, dip[: len(part)], out=part)
    return x * curve[:, None]
