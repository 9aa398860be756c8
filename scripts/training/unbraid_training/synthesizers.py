"""Synthesizers: basses and parts of which every wave is made here, and a long kick."""

import numpy as np

from . import SAMPLE_RATE, effects
from .samples import add


def tuned_kick(rng, velocity):
    """A synthesised long kick whose tone falls to a bass note."""
    time = np.arange(int(0.6 * SAMPLE_RATE)) / SAMPLE_RATE
    low, sweep = rng.uniform(38, 60), rng.uniform(80, 250)
    phase = 2 * np.pi * (low * time + sweep * 0.03 * (1 - np.exp(-time / 0.03)))
    x = np.sin(phase) * np.exp(-time / rng.uniform(0.08, 0.25)) * velocity / 127
    return np.repeat(x[:, None], 2, 1).astype(np.float32)


def synthesizer_bass(notes, seconds, rng):
    """Sine, saw, square or FM bass through a filter."""
    kind = rng.choice(["sine", "saw", "square", "fm"])
    detune, decay = rng.uniform(0, 0.01), rng.uniform(0.08, 1.5)
    cutoff, ratio = rng.uniform(120, 2500), rng.choice([1, 2])
    track = np.zeros((int(seconds * SAMPLE_RATE), 2), np.float32)
    for start, duration, pitch, velocity in notes:
        time = np.arange(int((duration + 0.03) * SAMPLE_RATE)) / SAMPLE_RATE
        if len(time) < 32:
            continue
        f = 440 * 2 ** ((pitch - 69) / 12)
        gate = np.minimum(1, time / 0.004) * np.clip((duration + 0.03 - time) / 0.03, 0, 1)
        if kind == "sine":
            x = np.sin(2 * np.pi * f * time) + 0.15 * np.sin(4 * np.pi * f * time)
        elif kind == "fm":
            x = np.sin(2 * np.pi * f * time
                       + 3 * np.exp(-time / 0.3) * np.sin(2 * np.pi * f * ratio * time))
        else:
            x = 0
            for offset in (-detune, 0, detune):
                phase = (f * (1 + offset) * time + rng.random()) % 1
                x = x + (2 * phase - 1 if kind == "saw" else np.sign(phase - 0.5))
        x = x * gate * (0.35 + 0.65 * np.exp(-time / decay)) * velocity / 300
        add(track, np.repeat(x[:, None], 2, 1).astype(np.float32), int(start * SAMPLE_RATE))
    return effects.lowpass(track, cutoff) if kind in ("saw", "square") else track


def wave(kind, phase):
    """One of the plain waves at the given phases in cycles."""
    if kind == "saw":
        return 2 * (phase % 1) - 1
    if kind == "square":
        return np.sign(phase % 1 - 0.5)
    if kind == "triangle":
        return 4 * np.abs(phase % 1 - 0.5) - 1
    return np.sin(2 * np.pi * phase)


def synthesizer_line(notes, seconds, rng):
    """A bass of electronic music: gliding or not, a wave over a sine an octave or none below, a filter
    that each note opens, sometimes detuned copies that beat against each other."""
    kind = rng.choice(["saw", "square", "triangle", "sine"])
    sub, low = rng.choice([0, 0, 0.4, 1.0]), rng.choice([0.5, 1.0])
    spread = rng.choice([0, 0, rng.uniform(0.003, 0.015)])
    glide = rng.choice([0, 0, rng.uniform(0.02, 0.12)])
    fall, held = rng.uniform(0.04, 0.6), rng.choice([0, rng.uniform(0.1, 0.8)])
    dark, bright = (np.zeros((int(seconds * SAMPLE_RATE), 2), np.float32) for _ in range(2))
    before = None
    for start, duration, pitch, velocity in notes:
        time = np.arange(int((duration + 0.02) * SAMPLE_RATE)) / SAMPLE_RATE
        if len(time) < 64:
            continue
        f = np.full(len(time), 440 * 2 ** ((pitch - 69) / 12))
        if glide and before:
            f *= (before / f[0]) ** np.exp(-time / glide)
        before = float(f[-1])
        phase = np.cumsum(f) / SAMPLE_RATE
        x = wave(kind, phase)
        if spread:
            x = (x + wave(kind, phase * (1 + spread)) + wave(kind, phase * (1 - spread))) / 2
        x = x + sub * np.sin(2 * np.pi * phase * low)
        gate = np.minimum(1, time / 0.003) * np.clip((duration + 0.02 - time) / 0.02, 0, 1)
        x = x * gate * velocity / 300
        opened = held + (1 - held) * np.exp(-time / fall)
        at = int(start * SAMPLE_RATE)
        add(bright, np.repeat((x * opened)[:, None], 2, 1).astype(np.float32), at)
        add(dark, np.repeat((x * (1 - opened))[:, None], 2, 1).astype(np.float32), at)
    cutoff = rng.uniform(80, 300)
    return (effects.lowpass(dark, cutoff) + effects.lowpass(bright, cutoff * 2 ** rng.uniform(1, 5)))


def synthesizer_part(notes, seconds, rng):
    """Chords and leads of detuned waves left and right, plucked or held, through a filter."""
    kind, copies = rng.choice(["saw", "saw", "square", "triangle"]), int(rng.choice([1, 3, 5, 7]))
    spread, attack = rng.uniform(0.002, 0.012), rng.choice([0.003, 0.003, 0.05, 0.3])
    decay = rng.choice([rng.uniform(0.05, 0.3), 3.0])
    track = np.zeros((int(seconds * SAMPLE_RATE), 2), np.float32)
    for start, duration, pitch, velocity in notes:
        time = np.arange(int((duration + 0.05) * SAMPLE_RATE)) / SAMPLE_RATE
        if len(time) < 64:
            continue
        f = 440 * 2 ** ((pitch - 69) / 12)
        gate = np.minimum(1, time / attack) * np.clip((duration + 0.05 - time) / 0.05, 0, 1)
        gate *= np.exp(-time / decay) * velocity / 400
        sides = [0.0, 0.0]
        for offset in np.linspace(-spread, spread, copies) if copies > 1 else (0.0,):
            x = wave(kind, f * (1 + offset) * time + rng.random())
            left = rng.uniform(0.2, 0.8)
            sides = [sides[0] + x * left, sides[1] + x * (1 - left)]
        add(track, (np.stack(sides, 1) * gate[:, None]).astype(np.float32), int(start * SAMPLE_RATE))
    return effects.lowpass(track, 400 * 2 ** rng.uniform(0, 5))
