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
VOICE = 0.25  # level of the singer

# One chord a bar, as MIDI notes: A minor, F, C, G.
CHORDS = [(57, 60, 64), (53, 57, 60), (55, 60, 64), (55, 59, 62)]
ROOTS = [33, 29, 36, 31]
# (beat, length in beats, MIDI note, consonant, vowel) of the tune.
TUNE = [
    (0.0, 0.45, 57, "l", "a"), (0.5, 0.45, 60, "d", "o"), (1.0, 0.9, 64, "s", "a"),
    (2.0, 0.45, 64, "d", "e"), (2.5, 1.2, 62, "l", "a"),
    (4.0, 0.45, 60, "s", "i"), (4.5, 0.45, 60, "d", "a"), (5.0, 0.9, 65, "l", "o"),
    (6.0, 0.45, 64, "s", "a"), (6.5, 1.2, 60, "d", "e"),
    (8.0, 0.45, 60, "l", "a"), (8.5, 0.45, 62, "s", "o"), (9.0, 0.9, 64, "d", "a"),
    (10.0, 0.45, 67, "l", "i"), (10.5, 1.2, 64, "s", "a"),
    (12.0, 0.45, 62, "d", "e"), (12.5, 0.45, 62, "l", "a"), (13.0, 0.45, 59, "s", "o"),
    (13.5, 0.45, 60, "d", "a"), (14.0, 1.9, 57, "l", "a"),
]  # fmt: skip
# Centre frequency (Hz), bandwidth (Hz) and level (dB) of each sound's formants, tenor, rounded from
# the table in the Csound manual (appendix D, formant values); "l" is our own.
FORMANTS = {
    "a": [(650, 80, 0), (1080, 90, -6), (2650, 120, -7), (2900, 130, -8), (3250, 140, -22)],
    "e": [(400, 70, 0), (1700, 80, -14), (2600, 100, -12), (3200, 120, -14), (3580, 120, -20)],
    "i": [(290, 40, 0), (1870, 90, -15), (2800, 100, -18), (3250, 120, -20), (3540, 120, -30)],
    "o": [(400, 40, 0), (800, 80, -10), (2600, 100, -12), (2800, 120, -12), (3000, 120, -26)],
    "l": [(310, 60, -6), (1050, 120, -20), (2600, 160, -24), (2900, 180, -26), (3300, 200, -30)],
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
            put(track, bar * 4 + beat, tone * envelope, 0.18)
    return track


def chords():
    track = np.zeros((LENGTH, 2))
    for bar, chord in enumerate(CHORDS):
        for beat in (0, 0.75, 1.5, 2.5, 3.25):
            for voice, note in enumerate(chord):
                t = seconds(1.1 * BEAT)
                phase = 2 * np.pi * hertz(note + 12) * t
                tone = np.sin(phase + 1.8 * np.exp(-t * 5) * np.sin(phase * 2))
                fade = np.minimum(1, t / 0.004) * np.exp(-t * 4) * np.minimum(1, (t[-1] - t) / 0.02)
                put(track, bar * 4 + beat, tone * fade, 0.14, (voice - 1) * 0.7)
    return track


def wander(count, rate, depth):
    """Smooth random movement: about `rate` turns a second, `depth` its standard deviation."""
    steps = NOISE.standard_normal(int(count / RATE * rate) + 4)
    return depth * np.interp(np.arange(count) * rate / RATE, np.arange(len(steps)), steps)


def filtered(noise, low, high):
    """The part of a noise between two frequencies, with soft edges."""
    f = np.maximum(np.fft.rfftfreq(len(noise), 1 / RATE), 1)
    middle, width = np.log(low * high) / 2, np.log(high / low) / 2
    bins = np.fft.rfft(noise) * np.exp(-(((np.log(f) - middle) / width) ** 4))
    return np.fft.irfft(bins, len(noise))


def resonance(f, sound):
    return sum(10 ** (level / 20) / np.sqrt(1 + ((f - centre) / (width / 2)) ** 2)
               for centre, width, level in FORMANTS[sound])


def sung(length, note, consonant, vowel, before):
    """A syllable: harmonics of a pitch that glides from the note before, trembles and wanders,
    weighted by resonances that move from the consonant's to the vowel's, and breath."""
    t = seconds(length * BEAT)
    vibrato = 0.3 * np.clip((t - 0.15) / 0.3, 0, 1) * np.sin(2 * np.pi * 5.4 * t + NOISE.random())
    glide = (before - note) * np.exp(-t / 0.035) * 0.8
    pitch = hertz(note + vibrato + glide + wander(len(t), 12, 0.1))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    opening = np.clip(t / 0.07, 0, 1) if consonant == "l" else np.ones_like(t)
    voice = np.zeros_like(t)
    for k in range(1, int(9000 / hertz(note))):
        f = k * pitch
        gain = (1 - opening) * resonance(f, "l") + opening * resonance(f, vowel)
        shimmer = 10 ** (wander(len(t), 20, 0.8) / 20)
        voice += gain * shimmer * np.sin(k * phase)
    # Air, as each pulse of the glottis lets it through.
    breath = filtered(NOISE.standard_normal(len(t)), 1500, 8000) * (1 + np.sin(phase)) * 0.02
    loudness = 10 ** (wander(len(t), 6, 0.8) / 20) * (1 + 0.12 * vibrato)
    envelope = np.minimum(1, t / 0.03) * np.minimum(1, (t[-1] - t) / 0.05)
    return (voice + breath) * loudness * envelope


def uttered(consonant):
    """The noise in front of a syllable and the seconds that it takes."""
    if consonant == "l":
        return None, 0
    duration = 0.09 if consonant == "s" else 0.025
    t = seconds(duration)
    low, high, level = (4500, 11000, 0.5) if consonant == "s" else (2500, 7000, 0.6)
    fade = np.minimum(1, t / 0.015) if consonant == "s" else np.exp(-t * 60)
    return level * filtered(NOISE.standard_normal(len(t)), low, high) * fade, duration


def vocals():
    track = np.zeros((LENGTH, 2))
    before = TUNE[0][2]
    for beat, length, note, consonant, vowel in TUNE:
        noise, duration = uttered(consonant)
        if noise is not None:
            put(track, max(0, beat - duration / BEAT * 0.6), noise, VOICE * 0.6)
        put(track, beat, sung(length, note, consonant, vowel, before), VOICE)
        before = note
    # Its own first echoes and a short tail give it a place in the room.
    dry = track.copy()
    for delay, gain in ((0.019, 0.2), (0.031, 0.2), (0.043, 0.15), (0.21, 0.12), (0.42, 0.06)):
        n = int(delay * RATE)
        track[n:] += gain * dry[:-n, ::-1]
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
