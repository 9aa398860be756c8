"""Notes of made-up songs: human grooves, chord sequences, bass lines, accompaniments, melodies.

A note is (start, duration, pitch, velocity) in seconds and MIDI numbers. Arrangements of the
Freedoom project are taken whole, as notes by channel.
"""

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field

import mido

PROGRESSIONS = ((0, 5, 3, 4), (0, 3, 4, 4), (5, 3, 0, 4), (0, 0, 3, 4), (0, 4, 5, 3), (1, 4, 0, 0),
                (0, 2, 3, 4), (0,), (0, 6, 3, 0), (0, 3, 0, 4), (3, 4, 0, 5), (0, 5), (0, 3))
MAJOR, MINOR, MIXOLYDIAN = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 10)
KICKS = (35, 36)
ROLAND = {22: 42, 26: 46, 58: 43}  # the e-drum's extra notes as General MIDI
CHORD_TONES = {"major": (0, 4, 7), "minor": (0, 3, 7), "dominant": (0, 4, 7, 10),
               "minor-seventh": (0, 3, 7, 10), "diminished": (0, 3, 6), "augmented": (0, 4, 8),
               "major-seventh": (0, 4, 7, 11), "suspended-fourth": (0, 5, 7), "power": (0, 7)}
ROOTS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
VOICE_PROGRAMS = (52, 53, 54, 85, 91)  # choirs and voices: the wrong label as accompaniment


@dataclass
class Score:
    """What a song plays: tempo, drum notes, chords by beat, optional melody."""

    bpm: float
    seconds: float
    drums: list
    chords: list  # (start beat, root pitch class, tones)
    scale: tuple = ()
    melody: list = field(default_factory=list)

    @property
    def beat(self):
        return 60 / self.bpm

    def bars(self):
        """(start in seconds, root, tones) of each chord up to the end, with its duration."""
        ends = [c[0] for c in self.chords[1:]] + [self.seconds / self.beat]
        return [(c[0] * self.beat, (e - c[0]) * self.beat, c[1], c[2])
                for c, e in zip(self.chords, ends) if c[0] * self.beat < self.seconds and e > c[0]]


def read_midi(data):
    """Notes by (channel, program): {(channel, program): [notes]} and the length in seconds."""
    parts, programs, open_notes, time = {}, {}, {}, 0.0
    for event in mido.MidiFile(file=io.BytesIO(data)):
        time += event.time
        if event.type == "program_change":
            programs[event.channel] = event.program
        elif event.type == "note_on" and event.velocity > 0:
            key = (event.channel, event.note)
            open_notes[key] = (time, event.velocity, programs.get(event.channel, 0))
        elif event.type in ("note_off", "note_on"):
            started = open_notes.pop((event.channel, event.note), None)
            if started:
                start, velocity, program = started
                parts.setdefault((event.channel, program), []).append(
                    (start, max(0.03, time - start), event.note, velocity))
    return parts, time


class Library:
    """The MIDI material of the corpus."""

    def __init__(self, corpus):
        midi = corpus / "midi"
        self.grooves = zipfile.ZipFile(midi / "groove.zip")
        names = {n.split("/", 1)[-1] if n.startswith("groove/") else n: n
                 for n in self.grooves.namelist()}
        with open(midi / "groove_info.csv", newline="") as table:
            rows = [r for r in csv.DictReader(table)
                    if r["beat_type"] == "beat" and float(r["duration"]) > 8
                    and r["time_signature"] == "4-4" and 60 <= float(r["bpm"]) <= 190]
        self.groove_rows = [(names[r["midi_filename"]], float(r["bpm"])) for r in rows
                            if r["midi_filename"] in names]
        self.sheets = [s for s in json.loads((midi / "leadsheets.json").read_text())["songs"]
                       if len(s["chords"]) >= 8 and len(s["melody"]) >= 16]
        self.games = zipfile.ZipFile(midi / "freedoom.zip")
        self.game_names = sorted(n for n in self.games.namelist()
                                 if n.endswith(".mid") and self.games.getinfo(n).file_size > 4000)

    def groove(self, rng, seconds):
        """(bpm, drum notes) of a human performance from a random bar on, looped to `seconds`."""
        name, bpm = self.groove_rows[rng.integers(len(self.groove_rows))]
        parts, _ = read_midi(self.grooves.read(name))
        notes = sorted(n for part in parts.values() for n in part)
        bar = 240 / bpm
        bars = max(1, round((notes[-1][0] + 0.2 * bar) / bar))
        loop, offset = bars * bar, rng.integers(0, bars) * bar
        out = []
        for repeat in range(int(seconds / loop) + 2):
            for start, duration, pitch, velocity in notes:
                time = start - offset + repeat * loop
                if 0 <= time < seconds:
                    out.append((time, duration, ROLAND.get(pitch, pitch), velocity))
        return bpm, sorted(out)

    def song(self, rng, seconds):
        """A groove with chords of a lead sheet or of a common progression."""
        bpm, drums = self.groove(rng, seconds)
        if rng.random() < 0.35:
            sheet = self.sheets[rng.integers(len(self.sheets))]
            speed = 2 if bpm > 130 else 1
            shift = int(rng.integers(-5, 7))
            origin = sheet["chords"][int(rng.integers(len(sheet["chords"]) // 2))][0]
            chords, melody = [], []
            for chord in sheet["chords"]:
                if chord[0] >= origin:
                    root = ROOTS[chord[1][0]] + chord[1].count("#") - chord[1].count("b")
                    tones = CHORD_TONES.get(chord[2], (0, 4, 7))
                    chords.append(((chord[0] - origin) * speed, (root + shift) % 12, tones))
            for pitch, start, length in sheet["melody"]:
                if start >= origin:
                    melody.append(((start - origin) * speed * 60 / bpm, length * speed * 57 / bpm,
                                   pitch + shift, 90))
            if len(chords) >= 3:
                return Score(bpm, seconds, drums, chords, MAJOR, melody)
        return with_progression(bpm, seconds, drums, rng)

    def game(self, rng, seconds):
        """{(channel, program): notes} of a random excerpt of a full arrangement."""
        parts, length = read_midi(self.games.read(self.game_names[rng.integers(
            len(self.game_names))]))
        offset = rng.uniform(0, max(0.1, length - seconds))
        cut = {}
        for (channel, program), notes in parts.items():
            inside = [(s - offset, d, p, v) for s, d, p, v in notes if offset <= s < offset + seconds]
            if inside and not (program in VOICE_PROGRAMS and channel != 9):
                cut[channel, program] = inside
        return cut


def with_progression(bpm, seconds, drums, rng):
    """The score of these drums with a chord a bar of a common progression."""
    scale = (MAJOR, MINOR, MIXOLYDIAN)[rng.choice(3, p=[0.45, 0.4, 0.15])]
    key, seventh = int(rng.integers(12)), rng.random() < 0.25
    steps = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]
    chords = []
    for i in range(int(seconds * bpm / 240) + 1):
        degree = steps[i % len(steps)]
        pitches = [scale[(degree + k) % 7] + 12 * ((degree + k) // 7)
                   for k in ((0, 2, 4, 6) if seventh else (0, 2, 4))]
        tones = tuple(p - pitches[0] for p in pitches)
        chords.append((i * 4, (key + pitches[0]) % 12, tones))
    return Score(bpm, seconds, drums, chords, tuple((key + s) % 12 for s in scale))


def bass_line(score, rng):
    """A bass part: on the kicks, in eighths, walking, held or syncopated; E1 to about E3."""
    style = rng.choice(["kick", "kick", "eighths", "octaves", "fifths", "walk", "held", "sixteenths",
                        "free"])
    kicks = sorted(n[0] for n in score.drums if n[2] in KICKS)
    beat, legato, notes = score.beat, rng.uniform(0.5, 1.02), []
    pattern = rng.random(16) < 0.5
    pattern[0] = True
    ceiling = 40 + int(rng.choice([0, 3, 5, 5, 10]))

    def play(start, duration, pitch):
        notes.append((max(0, start + rng.normal(0, 0.004)), duration * legato, pitch,
                      float(np_clip(95 + rng.normal(0, 9)))))

    for start, duration, root, tones in score.bars():
        low = root + 24
        while low < 28:
            low += 12
        while low > ceiling:
            low -= 12
        end = start + duration
        if style == "kick":
            hits = [k for k in kicks if start - 0.02 <= k < end - 0.02] or [start]
            for a, b in zip(hits, hits[1:] + [end]):
                play(a, min(b - a, 2 * beat), low if rng.random() < 0.9 else low + tones[-1])
        elif style == "held":
            play(start, duration, low)
        else:
            step = {"eighths": 0.5, "octaves": 0.5, "fifths": 1, "walk": 1, "sixteenths": 0.25,
                    "free": 0.5}[style] * beat
            for i in range(max(1, int(duration / step + 0.01))):
                pitch = low
                if style == "octaves":
                    pitch += 12 * (i % 2)
                elif style == "fifths":
                    pitch += (0, 7, 0, 12)[i % 4]
                elif style == "walk" and i:
                    pitch += tones[rng.integers(len(tones))] - (12 if rng.random() < 0.3 else 0)
                elif style == "sixteenths" and not pattern[i % 16]:
                    continue
                elif style == "free" and i:
                    if rng.random() < 0.35:
                        continue
                    pitch += int(rng.choice([0, 0, 0, tones[1], 7, 10, 12, -2]))
                play(start + i * step, step * (1 if style != "free" else rng.choice([0.5, 1, 2])),
                     max(24, pitch))
    return notes


def np_clip(value, low=20, high=127):
    return min(max(value, low), high)


def accompaniment(score, role, rng):
    """A part of the accompaniment in one of the roles of `parts.ROLES`."""
    beat, notes = score.beat, []
    pattern = rng.random(16) < 0.4
    pattern[0] = True
    octave = 48 + 12 * int(rng.integers(0, 2))
    held = rng.random() < 0.3
    cursor = int(rng.integers(0, 7))
    for start, duration, root, tones in score.bars():
        base = octave + root - (12 if root > 7 else 0)
        chord = [base + t for t in tones]
        if role == "strum":
            full = [base - 12, base - 12 + tones[-1], *chord, base + 12]
            for i in range(int(duration / beat * 2)):
                if i == 0 or rng.random() < 0.7:
                    order = full if i % 2 == 0 else full[:1:-1]
                    notes += [(start + i * beat / 2 + j * 0.008, beat * 0.6, p,
                               70 + rng.uniform(0, 30)) for j, p in enumerate(order)]
        elif role == "power":
            low = 40 + (root - 4) % 12
            for i in range(1 if held else int(duration / beat * 2)):
                if i == 0 or rng.random() < 0.85:
                    notes += [(start + i * beat / 2, duration if held else beat * 0.45, low + k,
                               90 + rng.uniform(0, 30)) for k in (0, 7, 12)]
        elif role == "comp":
            for i in range(int(duration / beat * 4)):
                if pattern[i % 16]:
                    notes += [(start + i * beat / 4, beat / 4 * rng.choice([1, 2, 3]), p,
                               60 + rng.uniform(0, 45)) for p in chord]
        elif role == "pad":
            notes += [(start, duration * 1.02, p, 78) for p in chord]
        elif role == "arpeggio":
            steps = chord + [base + 12]
            step = beat / 2 if score.bpm > 110 else beat / 4
            for i in range(int(duration / step)):
                notes.append((start + i * step, step * rng.choice([0.5, 1, 2]),
                              steps[i % len(steps)], 70 + rng.uniform(0, 30)))
        elif role == "lead" and not score.melody:
            time = start
            while time < start + duration - 0.05:
                length = beat / 4 * rng.choice([1, 2, 2, 3, 4, 4, 8])
                if rng.random() < 0.85:
                    cursor = int(np_clip(cursor + rng.choice([-2, -1, -1, 0, 1, 1, 2, 4, -4]), -2, 10))
                    scale = score.scale or tuple((root + t) % 12 for t in tones)
                    pitch = 60 + scale[cursor % len(scale)] + 12 * (cursor // len(scale))
                    notes.append((time, length * 0.97, pitch, 80 + rng.uniform(0, 35)))
                time += length
    if role == "lead" and score.melody:
        shift = 12 * int(rng.integers(-1, 2))
        notes = [(s, d, p + shift, v + rng.uniform(-10, 20)) for s, d, p, v in score.melody
                 if s < score.seconds]
    return notes
