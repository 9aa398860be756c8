"""Synthesises the demo mix: drums, bass, chords and a sung formant voice, four bars long.

    python3 scripts/demo/make_demo.py scripts/demo/demo.flac [--stems FOLDER]

Needs numpy and soundfile. The same numbers always come out: the only randomness is noise from a
fixed seed. `--stems` also writes the four parts, whose sum is the mix.
"""

import argparse
from pathlib import Path

import numpy as np
import soundfile

RATE = 44100
BEAT = 60 / 108
BARS = 4
LENGTH = int((BARS * 4 * BEAT + 0.6) * RATE)
NOISE = np.random.default_rng(20)

# One chord a bar, as MIDI notes: A minor, F, C, G.
CHORDS = [(57, 60, 64), (53, 57, 60), (55, 60, 64), (55, 59, 62)]
ROOTS = [33, 29, 36, 31]
# (beat, length in beats, MIDI note, vowel) of the tune.
TUNE = [
    (0.0, 1.4, 69, "a"), (1.5, 0.9, 72, "o"), (2.5, 1.3, 71, "e"),
    (4.0, 1.9, 69, "i"), (6.0, 0.9, 67, "a"), (7.0, 0.9, 65, "o"),
    (8.0, 2.4, 67, "a"), (10.5, 1.3, 72, "e"),
    (12.0, 0.9, 71, "o"), (13.0, 0.9, 69, "a"), (14.0, 1.9, 67, "a"),
]  # fmt: skip
# Centre frequency (Hz), bandwidth (Hz) and level (dB) of each vowel's formants, soprano,
# rounded from the table in the Csound manual (appendix D, formant values).
VOWELS = {
    "a": [(800, 80, 0), (1150, 90, -6), (2900, 120, -32), (3900, 130, -20), (4950, 140, -50)],
    "e": [(350, 60, 0), (2000, 100, -20), (2800, 120, -15), (3600, 150, -40), (4950, 200, -56)],
    "i": [(270, 60, 0), (2140, 90, -12), (2950, 100, -26), (3900, 120, -26), (4950, 120, -44)],
    "o": [(450, 70, 0), (800, 80, -11), (2830, 100, -22), (3800, 130, -22), (4950, 135, -50)],
}


def hertz(note):
    return 440 * 2 ** ((note - 69) / 12)


def put(track, beat, sound, gain=1.0, pan=0.0):
    """Adds a mono sound at a beat; `pan` from -1 (left) to 1 (right), constant power."""
    start = int(beat * BEAT * RATE)
    sound = sound[: max(0, LENGTH - start)]
    angle = (pan + 1) * np.pi / 4
    track[start : start + len(sound), 0] += gain * np.cos(angle) * sound
    track[start : start + len(sound), 1] += gain * np.sin(angle) * sound


def seconds(duration):
    return np.arange(int(duration * RATE)) / RATE


def kick():
    t = seconds(0.35)
    pitch = 48 + 110 * np.exp(-t * 38)
    return np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * np.exp(-t * 11)


def snare():
    t = seconds(0.25)
    rattle = NOISE.standard_normal(len(t))
    rattle = rattle - np.concatenate([[0], rattle[:-1]]) * 0.6
    return 0.35 * rattle * np.exp(-t * 20) + 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t * 25)


def hat(decay):
    t = seconds(0.12)
    noise = NOISE.standard_normal(len(t))
    for _ in range(2):
        noise = np.diff(noise, prepend=0) / 2
    return noise * np.exp(-t * decay)


def drums():
    track = np.zeros((LENGTH, 2))
    for beat in np.arange(0, BARS * 4, 0.5):
        put(track, beat, hat(25 if beat % 4 == 3.5 else 60), 0.45, 0.3)
    for bar in range(BARS):
        for beat in (0, 1.5, 2):
            put(track, bar * 4 + beat, kick(), 0.8)
        for beat in (1, 3):
            put(track, bar * 4 + beat, snare(), 0.5)
    return track


def bass():
    track = np.zeros((LENGTH, 2))
    for bar, root in enumerate(ROOTS):
        for beat, length, step in ((0, 1.4, 0), (1.5, 0.4, 0), (2, 1, 12), (3, 0.9, 7)):
            t = seconds(length * BEAT)
            f = hertz(root + step)
            tone = sum(np.sin(2 * np.pi * f * k * t) * np.exp(-t * k) / k**1.3 for k in range(1, 9))
            envelope = np.minimum(1, t / 0.006) * np.minimum(1, (t[-1] - t) / 0.03)
            put(track, bar * 4 + beat, tone * envelope, 0.35)
    return track


def chords():
    track = np.zeros((LENGTH, 2))
    for bar, chord in enumerate(CHORDS):
        for beat in (0, 0.75, 1.5, 2.5, 3.25):
            for voice, note in enumerate(chord):
                t = seconds(1.1 * BEAT)
                phase = 2 * np.pi * hertz(note) * t
                tone = np.sin(phase + 1.8 * np.exp(-t * 5) * np.sin(phase * 2))
                fade = np.minimum(1, t / 0.004) * np.exp(-t * 4) * np.minimum(1, (t[-1] - t) / 0.02)
                put(track, bar * 4 + beat, tone * fade, 0.12, (voice - 1) * 0.7)
    return track


def sung(length, note, vowel):
    """Additive singing: harmonics of a vibrating pitch, weighted by the vowel's resonances."""
    t = seconds(length * BEAT)
    vibrato = 0.35 * np.minimum(1, t / 0.4) * np.sin(2 * np.pi * 5.6 * t)
    glide = -0.8 * np.exp(-t * 30)
    pitch = hertz(note + vibrato + glide)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice = np.zeros_like(t)
    for k in range(1, 24):
        f = k * pitch
        gain = sum(
            10 ** (level / 20) / np.sqrt(1 + ((f - centre) / (width * 1.5)) ** 2)
            for centre, width, level in VOWELS[vowel]
        )
        voice += gain / k**0.6 * np.sin(k * phase)
    breath = 0.01 * NOISE.standard_normal(len(t))
    envelope = np.minimum(1, t / 0.05) * np.minimum(1, (t[-1] - t) / 0.08)
    return (voice + breath) * envelope


def vocals():
    track = np.zeros((LENGTH, 2))
    for beat, length, note, vowel in TUNE:
        put(track, beat, sung(length, note, vowel), 0.22)
    # A short echo gives it a place in the room.
    for delay, gain in ((0.031, 0.2), (0.043, 0.15), (0.21, 0.12)):
        n = int(delay * RATE)
        track[n:] += gain * track[:-n, ::-1]
    return track


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--stems", type=Path, help="a folder for the four parts")
    options = parser.parse_args()
    parts = {"drums": drums(), "bass": bass(), "vocals": vocals(), "other": chords()}
    gain = 0.8 / np.abs(sum(parts.values())).max()
    whole = {name: np.round(part * gain * 32767).astype(np.int16) for name, part in parts.items()}
    mix = sum(part.astype(np.int32) for part in whole.values()).astype(np.int16)
    soundfile.write(options.output, mix, RATE, format="FLAC", subtype="PCM_16")
    if options.stems:
        options.stems.mkdir(parents=True, exist_ok=True)
        for name, part in whole.items():
            soundfile.write(options.stems / f"{name}.flac", part, RATE, subtype="PCM_16")


if __name__ == "__main__":
    main()
