"""Sampled instruments and kits of the corpus, and the General MIDI soundfont."""

import json
from functools import lru_cache
from pathlib import Path

import fluidsynth
import numpy as np
import soundfile
from scipy import signal

from . import SAMPLE_RATE

CORPUS_BASSES = ("killerbass", "growlybass", "meatbass_pizz")
CORPUS_KITS = ("standard_kit", "sonicpi", "uzu")
HELD_OUT_DRUM_PROGRAMS = (24, 40)  # General MIDI kits that only the synthetic test songs use
DRUM_PROGRAMS = (0, 0, 0, 8, 8, 16, 16, 25, 32)


def read(path):
    """A sound file as float32 [samples, 2] at 44.1 kHz."""
    x, rate = soundfile.read(path, always_2d=True, dtype="float32")
    x = x[:, :2] if x.shape[1] >= 2 else np.repeat(x, 2, 1)
    if rate != SAMPLE_RATE:
        x = signal.resample_poly(x, SAMPLE_RATE, rate, axis=0).astype(np.float32)
    return x


load = lru_cache(maxsize=800)(read)


def repitch(x, ratio, count=None):
    """Plays at `ratio` times the speed by linear interpolation, at most `count` samples."""
    length = int((len(x) - 2) / ratio)
    length = max(0, min(length, count) if count else length)
    if abs(ratio - 1) < 1e-4:
        return x[:length]
    position = np.arange(length) * ratio
    index = position.astype(np.int64)
    weight = (position - index).astype(np.float32)[:, None]
    return x[index] * (1 - weight) + x[index + 1] * weight


def add(track, x, start):
    """Adds x to the track from sample `start`, cut at both ends."""
    if start < 0:
        x, start = x[-start:], 0
    count = min(len(x), len(track) - start)
    if count > 0:
        track[start:start + count] += x[:count]


class Table:
    """A map.json or kit.json of the corpus: MIDI note -> velocity layers of files."""

    def __init__(self, folder):
        folder = Path(folder)
        names = [n for n in ("map.json", "kit.json") if (folder / n).exists()]
        content = json.loads((folder / names[0]).read_text())
        self.folder = folder
        self.notes = {int(k): v for k, v in content["notes"].items()}
        # Kits with three kinds of microphones keep the loudness that each hit had.
        self.natural = any("room" in layer for layers in self.notes.values() for layer in layers)

    def sound(self, note, velocity, rng):
        """(samples, speed ratio) of a note, or None where the table has nothing near."""
        key = min(self.notes, key=lambda k: abs(k - note))
        layers = self.notes[key]
        fitting = [l for l in layers if l["lovel"] <= velocity <= l["hivel"]] or layers
        layer = fitting[int(rng.integers(len(fitting)))]
        choice = int(rng.integers(len(layer["files"])))
        x = load(str(self.folder / layer["files"][choice]))
        gain = 10 ** (layer["gain_db"][choice] / 20)
        if "root" in layer:
            shift = note - layer["root"] + layer.get("tune_cents", 0) / 100
        else:
            shift = layer.get("transpose", 0)
        return x * np.float32(gain), 2 ** (shift / 12)

    def play(self, notes, seconds, rng, release=0.06):
        """Plays (start, duration, pitch, velocity) notes into [samples, 2]."""
        track = np.zeros((int(seconds * SAMPLE_RATE), 2), np.float32)
        fade_length = int(release * SAMPLE_RATE)
        fade = np.linspace(1, 0, fade_length, dtype=np.float32)[:, None]
        for start, duration, pitch, velocity in notes:
            x, ratio = self.sound(int(pitch), velocity, rng)
            y = repitch(x, ratio, int((duration + release) * SAMPLE_RATE))
            if len(y) <= fade_length or not 0.2 < ratio < 5:
                continue
            y = y.copy()
            y[-fade_length:] *= fade
            add(track, y * np.float32((velocity / 110) ** 0.8), int(start * SAMPLE_RATE))
        return track

    def strike(self, note, velocity, rng, balance=(1, 1, 1)):
        """One drum hit [samples, 2] (exact note only), or None.

        balance: gains of the close, the overhead and the room microphones, where they are apart."""
        if note not in self.notes:
            return None
        if self.natural:
            return self.mixed(self.notes[note], velocity, rng, balance)
        x, ratio = self.sound(note, velocity, rng)
        return repitch(x, ratio)

    def mixed(self, layers, velocity, rng, balance):
        fitting = [l for l in layers if l["lovel"] <= velocity <= l["hivel"]] or layers
        layer = fitting[int(rng.integers(len(fitting)))]
        choice = int(rng.integers(len(layer["files"])))
        return sum(load(str(self.folder / layer[part][choice])) * np.float32(gain)
                   for part, gain in zip(("files", "overhead", "room"), balance))


class Soundfont:
    """A General MIDI synthesizer; drums have bank 128."""

    def __init__(self, path):
        self.synth = fluidsynth.Synth(samplerate=SAMPLE_RATE, gain=0.5)
        self.font = self.synth.sfload(str(path))

    def play(self, notes, seconds, program, drums=False):
        """Plays (start, duration, pitch, velocity) notes into [samples, 2]."""
        channel, bank = (9, 128) if drums else (0, 0)
        self.synth.system_reset()
        self.synth.program_select(channel, self.font, bank, int(program))
        self.synth.cc(channel, 91, 0)
        self.synth.cc(channel, 93, 0)
        events = []
        for start, duration, pitch, velocity in notes:
            if 0 <= start < seconds and 0 <= pitch < 128:
                events.append((start, 1, int(pitch), int(np.clip(velocity, 1, 127))))
                events.append((start + duration, 0, int(pitch), 0))
        events.sort(key=lambda e: (e[0], e[1]))
        chunks, time, total = [], 0, int(seconds * SAMPLE_RATE)
        for start, on, pitch, velocity in events:
            count = min(int(start * SAMPLE_RATE), total) - time
            if count > 0:
                chunks.append(self.synth.get_samples(count))
                time += count
            if on:
                self.synth.noteon(channel, pitch, velocity)
            else:
                self.synth.noteoff(channel, pitch)
        if total > time:
            chunks.append(self.synth.get_samples(total - time))
        return np.concatenate(chunks).astype(np.float32).reshape(-1, 2)[:total] / 32768
