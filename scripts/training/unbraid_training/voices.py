"""Vocal stems: sung phrases, made into more voices with WORLD, and speech turned into singing."""

import csv

import numpy as np
import pyworld
from scipy import signal

from . import SAMPLE_RATE, effects
from .samples import load

FRAME = 5.8  # WORLD's frame period in ms
WEIGHTS = {"sung": 0.55, "small": 0.12, "syllables": 0.07, "shouts": 0.06, "speech": 0.06,
           "melody": 0.14}
SMALL = ("vocalset_f2", "vocalset_f3", "vocalset_m1", "vocalset_m2")


def catalogue(corpus, split="train"):
    """Vocal and speech files of a split by group; songs are not among them."""
    groups = {"sung": [], "small": [], "syllables": [], "shouts": [], "speech": []}
    with open(corpus / "manifest.csv", newline="") as table:
        for row in csv.DictReader(table):
            if row["split"] != split or row["kind"] not in ("vocals", "speech"):
                continue
            if row["path"].startswith("songs/"):
                continue
            voice, path = row["voice"], str(corpus / row["path"])
            if row["kind"] == "speech":
                groups["speech"].append(path)
            elif voice.startswith(("etv", "shv")):
                groups["sung"].append(path)
            elif voice.startswith("erithacus"):
                groups["syllables"].append(path)
            elif voice.startswith(("dvs", "whisper")):
                groups["shouts"].append(path)
            else:
                groups["small"].append(path)
    return groups


def trim(x):
    loud = np.flatnonzero(np.abs(x).max(1) > 0.02 * np.abs(x).max())
    return x[loud[0]:loud[-1] + 1] if len(loud) > 100 else x


def resynthesise(voice, pitch=0.0, formants=1.0, stretch=1.0, melody=None):
    """Another voice: pitch in semitones or a melody (frames -> Hz), formants and time scaled."""
    voice = voice.astype(np.float64)
    f0, times = pyworld.dio(voice, SAMPLE_RATE, frame_period=FRAME)
    f0 = pyworld.stonemask(voice, f0, times, SAMPLE_RATE)
    envelope = pyworld.cheaptrick(voice, f0, times, SAMPLE_RATE)
    noise = pyworld.d4c(voice, f0, times, SAMPLE_RATE)
    if abs(formants - 1) > 0.01:
        bins = envelope.shape[1]
        position = np.clip(np.arange(bins) / formants, 0, bins - 1)
        low = position.astype(int)
        high, weight = np.minimum(low + 1, bins - 1), position - low
        envelope = envelope[:, low] * (1 - weight) + envelope[:, high] * weight
    if abs(stretch - 1) > 0.01:
        index = np.minimum((np.arange(int(len(f0) * stretch)) / stretch).astype(int), len(f0) - 1)
        f0, envelope, noise = f0[index], envelope[index], noise[index]
    f0 = np.where(f0 > 0, melody(len(f0)), 0) if melody else f0 * 2 ** (pitch / 12)
    y = pyworld.synthesize(np.ascontiguousarray(f0), np.ascontiguousarray(envelope),
                           np.ascontiguousarray(noise), SAMPLE_RATE, FRAME)
    return y.astype(np.float32)


def melody(rng, low):
    """A wandering melody on a scale from MIDI note `low`, with glides and vibrato."""
    scale = ((0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 11))[rng.integers(2)]
    step = FRAME / 1000

    def curve(count):
        pitch, i, degree = np.zeros(count), 0, int(rng.integers(7))
        while i < count:
            length = int(rng.choice([0.25, 0.25, 0.5, 0.5, 0.75, 1, 1.5]) * 0.8 / step) + 8
            degree = int(np.clip(degree + rng.choice([-2, -1, -1, 0, 1, 1, 2, 3]), -2, 9))
            pitch[i:i + length] = low + scale[degree % 7] + 12 * (degree // 7)
            i += length
        kernel = np.hanning(13)
        pitch = np.convolve(np.pad(pitch, 6, "edge"), kernel / kernel.sum(), "valid")
        time = np.arange(count) * step
        vibrato = rng.uniform(0.05, 0.4) * np.sin(2 * np.pi * rng.uniform(4.8, 6.3) * time)
        pitch += vibrato * np.clip(time % 1.2 - 0.2, 0, 1)
        return 440 * 2 ** ((pitch - 69) / 12)

    return curve


class Singers:
    """Makes vocal stems from the files of one split."""

    def __init__(self, corpus, split="train"):
        self.groups = {k: v for k, v in catalogue(corpus, split).items() if v}
        usable = {k: w for k, w in WEIGHTS.items()
                  if (k if k != "melody" else "speech") in self.groups}
        self.kinds = list(usable)
        self.weights = np.array(list(usable.values())) / sum(usable.values())

    def pick(self, group, rng):
        files = self.groups[group]
        return trim(load(files[rng.integers(len(files))]))

    def phrase(self, kind, rng):
        """One phrase [samples, 1 or 2], dry."""
        if kind == "melody":
            x = np.concatenate([self.pick("speech", rng) for _ in range(2)])[: 8 * SAMPLE_RATE]
            low = int(rng.choice([43, 45, 48, 52, 55, 57, 60]))
            formants = rng.uniform(0.82, 1.12) if low >= 52 else rng.uniform(0.76, 0.92)
            return resynthesise(x.mean(1), 0, formants, rng.uniform(1.1, 1.9),
                                melody(rng, low))[:, None]
        if kind == "syllables":
            x = np.concatenate([self.pick("syllables", rng) for _ in range(6)])[: 8 * SAMPLE_RATE]
            return resynthesise(x.mean(1), 0, rng.uniform(0.85, 1.15), rng.uniform(0.7, 1.3),
                                melody(rng, int(rng.choice([50, 55, 58, 60]))))[:, None]
        if kind == "small":
            x = np.concatenate([self.pick("small", rng) for _ in range(rng.integers(2, 6))])
        else:
            x = self.pick(kind, rng)
        if len(x) > 12 * SAMPLE_RATE:
            start = int(rng.integers(len(x) - 10 * SAMPLE_RATE))
            x = x[start:start + 10 * SAMPLE_RATE]
        choice = rng.random()
        if kind == "speech" or choice < 0.35:
            pitch = float(rng.choice([-9, -7, -5, -4, -3, -2, 0, 2, 3, 4, 5]))
            formants = 2 ** ((pitch * 0.35 + rng.uniform(-1.8, 1.8)) / 12)
            return resynthesise(x.mean(1), pitch, formants, rng.uniform(0.85, 1.2))[:, None]
        if choice < 0.75:
            ratio = 2 ** (rng.uniform(-3.5, 3.5) / 12)
            x = signal.resample(x, max(64, int(len(x) / ratio)), axis=0).astype(np.float32)
        return x

    def doubled(self, x, rng, harmony):
        """Adds one voice a side, detuned or at an interval."""
        interval = float(rng.choice([0, 3, 4, 7, -5, 12, -12])) if harmony else 0.0
        x = x.copy()
        for side in (-1, 1):
            other = resynthesise(x.mean(1), interval + rng.uniform(-0.15, 0.15),
                                 2 ** (rng.uniform(-1, 1) / 12))
            shift = int(rng.uniform(0.005, 0.03) * SAMPLE_RATE)
            count = min(len(other), len(x) - shift)
            if count > 0:
                voice = effects.pan(other[:count, None], side * rng.uniform(0.3, 1))
                x[shift:shift + count] += voice * rng.uniform(0.3, 0.8)
        return x

    def stem(self, seconds, rng):
        """A vocal track of phrases by mostly one kind of voice, produced as a record's."""
        track = np.zeros((int(seconds * SAMPLE_RATE), 2), np.float32)
        main = self.kinds[rng.choice(len(self.kinds), p=self.weights)]
        keep_stereo, double = rng.random() < 0.5, rng.random()
        position = rng.uniform(-0.4, 0.4) if rng.random() < 0.25 else 0.0
        cursor = 0
        while cursor < len(track) - SAMPLE_RATE // 2:
            kind = main if rng.random() < 0.75 else self.kinds[
                rng.choice(len(self.kinds), p=self.weights)]
            x = self.phrase(kind, rng)
            if len(x) < 4000 or not np.isfinite(x).all() or np.abs(x).max() < 1e-3:
                continue
            active = np.abs(x).max(1) > 0.02 * np.abs(x).max()
            x = x * (0.1 * effects.decibels(rng.normal(0, 2)) / max(effects.level(x[active]), 1e-5))
            if x.shape[1] == 1 or not keep_stereo:
                x = effects.mono(x)
            if double < 0.3 and len(x) < 12 * SAMPLE_RATE:
                x = self.doubled(x, rng, double < 0.13)
            x = effects.pan(x, position) if position else x
            count = min(len(x), len(track) - cursor)
            track[cursor:cursor + count] += x[:count]
            cursor += count + int(SAMPLE_RATE * rng.choice([0, 0.05, 0.1, 0.3, 0.6]))
        return self.produce(track, rng)

    def produce(self, x, rng):
        x = effects.highpass(x, rng.uniform(60, 160))
        if rng.random() < 0.7:
            x = effects.compress(x, -rng.uniform(6, 20), rng.uniform(2, 8), rng.uniform(0.001, 0.015),
                                 rng.uniform(0.05, 0.2))
        if rng.random() < 0.8:
            x = effects.tilt(x, rng, 4)
        if rng.random() < 0.12:
            x = effects.normalise(x) * 0.6 + effects.normalise(
                effects.drive(x, rng.uniform(3, 18))) * 0.4
        if rng.random() < 0.06:
            x = effects.lowpass(effects.highpass(x, 400), 4000)
        if rng.random() < 0.12:
            x = effects.chorus(x, rng)
        if rng.random() < 0.35:
            x = effects.echo(x, rng.uniform(0.08, 0.5), rng.uniform(0, 0.45), rng.uniform(0.05, 0.35))
        if rng.random() < 0.8:
            x = effects.reverberate(x, rng)
        return x
