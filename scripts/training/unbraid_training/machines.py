"""Drum machines: rhythms in steps of a sixteenth, and sounds that are made, not recorded."""

import numpy as np

from . import SAMPLE_RATE, effects
from .samples import add

KICK, RIM, SNARE, CLAP, CLOSED, OPEN, TOM, CRASH, BELL = 36, 37, 38, 39, 42, 46, 45, 49, 56
STYLES = {  # (tempo from, to, chance, steps of kick and of snare or clap in a bar)
    "house": (112, 132, 0.3, (0, 4, 8, 12), (4, 12)),
    "techno": (124, 150, 0.15, (0, 4, 8, 12), ()),
    "electro": (95, 130, 0.2, (0, 3, 6, 10), (4, 12)),
    "hip-hop": (75, 105, 0.15, (0, 7, 10), (4, 12)),
    "half-time": (130, 160, 0.1, (0, 6, 10), (8,)),
    "breakbeat": (140, 176, 0.1, (0, 10), (4, 12)),
}


def rhythm(rng, seconds):
    """(bpm, drum notes): bars that repeat with small changes, fills, and bars without the kick."""
    names = list(STYLES)
    chances = [STYLES[n][2] for n in names]
    low, high, _, kicks, snares = STYLES[names[rng.choice(len(names), p=chances)]]
    bpm = float(rng.uniform(low, high))
    step, swing = 15 / bpm, rng.choice([0, 0, rng.uniform(0.05, 0.3)])
    notes, bar = [], loop(rng, kicks, snares)
    quiet = rng.random(8) < 0.12  # bars of eight in which the kick rests
    for number in range(int(seconds / step / 16) + 1):
        if number % 8 == 4 and rng.random() < 0.5:
            bar = loop(rng, kicks, snares)
        fill = number % 4 == 3 and rng.random() < 0.4
        for position, pitch, velocity in bar:
            if pitch == KICK and quiet[number % 8]:
                continue
            if fill and position >= 12 and pitch in (KICK, CLOSED):
                continue
            start = (number * 16 + position + swing * (position % 2 == 1)) * step
            if start < seconds:
                notes.append((start, step, pitch, velocity * rng.uniform(0.9, 1.05)))
        if fill:
            pitch = int(rng.choice([SNARE, TOM, CLAP, CLOSED]))
            steps = np.arange(12, 16, float(rng.choice([0.5, 1, 1])))
            notes += [((number * 16 + p) * step, step, pitch, 60 + 12 * (p - 12)) for p in steps
                      if (number * 16 + p) * step < seconds]
        if number % 8 == 0 and rng.random() < 0.4:
            notes.append((number * 16 * step, 1, CRASH, 90))
    return bpm, sorted(notes)


def loop(rng, kicks, snares):
    """One bar: [(step, pitch, velocity)]."""
    four = kicks == (0, 4, 8, 12)
    bar = [(k, KICK, 110) for k in kicks]
    bar += [(int(s), KICK, 85) for s in range(1, 16)
            if s not in kicks and rng.random() < (0.03 if four else 0.1)]
    for pitch in ((SNARE,), (CLAP,), (SNARE, CLAP))[rng.integers(3)]:
        bar += [(s, pitch, 105) for s in snares]
    density = rng.choice(4)
    for s in range(16):
        if density == 0 and s % 4 == 2 or density == 1 and s % 2 == 0:
            bar.append((s, CLOSED, 85 if s % 4 else 100))
        elif density == 2:
            bar.append((s, CLOSED, (100, 60, 85, 65)[s % 4]))
        elif density == 3 and rng.random() < 0.6:
            bar.append((s, CLOSED, rng.uniform(50, 100)))
    if rng.random() < 0.5:
        bar += [(s, OPEN, 90) for s in (2, 6, 10, 14) if four or rng.random() < 0.3]
    if rng.random() < 0.35:
        pitch = int(rng.choice([RIM, TOM, BELL]))
        bar += [(s, pitch, rng.uniform(55, 95)) for s in range(16) if rng.random() < 0.2]
    return bar


class Machine:
    """The sounds of a machine that is made up anew for each song."""

    def __init__(self, rng):
        self.rng = rng
        self.bits = rng.choice([0, 0, 0, 8, 12])  # of early samplers
        self.sounds = {}

    def play(self, notes, seconds):
        """float32 [samples, 2]"""
        track = np.zeros((int(seconds * SAMPLE_RATE), 2), np.float32)
        for start, _, pitch, velocity in notes:
            if pitch not in self.sounds:
                self.sounds[pitch] = self.sound(pitch)
            x = self.sounds[pitch] * (velocity / 110) ** 1.3
            add(track, x, int(start * SAMPLE_RATE))
        return track

    def sound(self, pitch):
        rng = self.rng
        make = {KICK: self.kick, SNARE: self.snare, CLAP: self.clap, CLOSED: self.hat,
                OPEN: self.hat, TOM: self.tom, CRASH: self.crash, RIM: self.rim, BELL: self.bell}
        x = make[pitch](rng.uniform(0.15, 0.5)) if pitch == OPEN else make[pitch]()
        x = x / (np.abs(x).max() + 1e-9)
        if self.bits:
            x = np.round(x * 2 ** (self.bits - 1)) / 2 ** (self.bits - 1)
        gain = {KICK: 1.0, SNARE: 0.6, CLAP: 0.5, CLOSED: 0.2, OPEN: 0.22, CRASH: 0.25}.get(pitch, 0.3)
        x = np.repeat(x[:, None], 2, 1).astype(np.float32)
        central = pitch in (KICK, SNARE)
        x = x if central else effects.pan(x, rng.uniform(-0.6, 0.6))
        return x * gain * effects.decibels(rng.normal(0, 2.5))

    def tone(self, seconds, low, sweep, fall, decay):
        """A sine that falls from low + sweep to low Hz."""
        time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
        phase = low * time + sweep * fall * (1 - np.exp(-time / fall))
        return np.sin(2 * np.pi * phase) * np.exp(-time / decay)

    def noise(self, seconds, decay, low, high=None):
        """Noise above `low` and below `high` Hz that decays."""
        time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
        x = self.rng.standard_normal((len(time), 1)) * np.exp(-time / decay)[:, None]
        x = effects.highpass(x, low)
        return (effects.lowpass(x, high) if high else x)[:, 0]

    def kick(self):
        rng = self.rng
        long = rng.random() < 0.4
        x = self.tone(1.2 if long else 0.5, rng.uniform(38, 62), rng.uniform(60, 400),
                      rng.uniform(0.008, 0.05), rng.uniform(0.2, 0.6) if long else rng.uniform(0.06, 0.2))
        click = self.noise(0.03, 0.004, rng.uniform(500, 3000)) * rng.uniform(0, 0.6)
        x[: len(click)] += click
        return np.tanh(x * effects.decibels(rng.uniform(-6, 14)))

    def snare(self):
        rng = self.rng
        x = self.tone(0.5, rng.uniform(150, 240), rng.uniform(20, 150), 0.01, rng.uniform(0.04, 0.15))
        return x * rng.uniform(0.3, 1) + self.noise(0.5, rng.uniform(0.05, 0.2), rng.uniform(400, 2500)) * 0.4

    def clap(self):
        rng = self.rng
        low = rng.uniform(600, 1200)
        x = self.noise(0.5, rng.uniform(0.06, 0.2), low, low * rng.uniform(2, 6))
        for i in range(1, 4):
            burst = self.noise(0.03, 0.006, low, low * 4)
            start = int(i * rng.uniform(0.007, 0.012) * SAMPLE_RATE)
            x[start:start + len(burst)] += burst
        return x

    def hat(self, decay=None):
        rng = self.rng
        decay = decay or rng.uniform(0.015, 0.06)
        count = int(6 * decay * SAMPLE_RATE)
        time = np.arange(count) / SAMPLE_RATE
        if rng.random() < 0.5:
            return self.noise(6 * decay, decay, rng.uniform(5000, 9000))
        ring = sum(np.sign(np.sin(2 * np.pi * f * time)) for f in rng.uniform(250, 900, 6) * 1.6)
        ring = effects.highpass((ring * np.exp(-time / decay))[:, None], rng.uniform(5000, 8500), 4)
        return ring[:, 0]

    def tom(self):
        rng = self.rng
        return self.tone(0.8, rng.uniform(70, 180), rng.uniform(20, 80), 0.04, rng.uniform(0.1, 0.3))

    def crash(self):
        return self.noise(3, self.rng.uniform(0.4, 1.2), self.rng.uniform(2500, 6000))

    def rim(self):
        return self.tone(0.1, self.rng.uniform(400, 1800), 300, 0.003, self.rng.uniform(0.005, 0.02))

    def bell(self):
        time = np.arange(int(0.5 * SAMPLE_RATE)) / SAMPLE_RATE
        low = self.rng.uniform(480, 620)
        x = np.sign(np.sin(2 * np.pi * low * time)) + np.sign(np.sin(2 * np.pi * low * 1.48 * time))
        return effects.highpass((x * np.exp(-time / 0.1))[:, None], 400)[:, 0]
