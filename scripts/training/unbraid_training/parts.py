"""Stems of made-up songs: which instrument plays a part, and how it is produced."""

import numpy as np
from scipy import signal

from . import SAMPLE_RATE, effects
from .samples import CORPUS_BASSES, CORPUS_KITS, DRUM_PROGRAMS, Soundfont, Table, add
from .synthesizers import synthesizer_bass, tuned_kick

GUITARS = (24, 25, 26, 27, 28, 29, 30)
ROLES = {  # role: (probability, General MIDI programs counted from 0)
    "strum": (0.18, (24, 25, 25, 26, 27, 27, 28)),
    "power": (0.2, (27, 29, 29, 30, 30, 30)),
    "comp": (0.17, (0, 1, 2, 3, 4, 5, 7, 16, 17, 18, 19, 27, 61, 62, 88, 81)),
    "pad": (0.13, (48, 49, 50, 51, 89, 90, 92, 93, 94, 95, 16, 17, 18, 19, 21)),
    "arpeggio": (0.12, (0, 4, 11, 12, 24, 27, 46, 80, 81, 88, 98, 99, 5, 6, 45)),
    "lead": (0.2, (16, 18, 22, 27, 29, 29, 30, 40, 41, 42, 48, 56, 57, 59, 61, 64, 65, 66, 67, 68,
                   71, 73, 75, 79, 80, 81, 82, 84, 87)),
}
SAMPLED = {  # sampled instruments of the corpus by the programs they may stand for
    "piano": ("splendid_piano", "cp_egrand", "salamander_piano", "vcsl_upright"),
    "electric": ("rhodes",),
    "strings": ("tremolo_strings", "pizz_strings"),
    "solo": ("shanai", "sitar", "steel_guitar"),
}
BASSES = {  # how often each is played where they are there
    "killerbass": 0.15, "growlybass": 0.06, "meatbass_pizz": 0.06, "swagbass": 0.1,
    "fetuccine": 0.25, "tagliatelle": 0.2, "linguine": 0.08, "spaghetti": 0.06, "smolken_pizz": 0.04,
    "fashionbass": 0.15,
}
BRIGHT = ("swagbass", "fashionbass", "linguine", "spaghetti", "smolken_pizz")  # direct, little below 100 Hz
PREPARED = {  # prepared instruments by the programs they may stand for
    (24, 25): ("shiny_acoustic", "shiny_acoustic", "emilyguitar"),
    (26, 27): ("shiny_electric", "green_guitar", "black_guitar", "emilyguitar"),
    (28,): ("green_staccato", "black_staccato", "emilyguitar"),
    (29, 30): ("emilyguitar", "green_guitar", "black_guitar", "shiny_electric", "green_staccato"),
    (16, 17, 18, 19, 20): ("organ_flutes", "organ_full", "organ_reed"),
    (64, 65, 66, 67): ("alto_sax",), (56, 57, 61): ("alto_sax",), (58,): ("tuba",),
}
KIT_SHARES = {"standard_kit": 0.6, "sonicpi": 0.2, "uzu": 0.2, "muldjord": 1.0, "gogodze": 0.8}


class Band:
    """All instruments, loaded once a process. Without a soundfont the sampled instruments and the
    synthesizer play everything, with less variety. With a folder of prepared instruments real kits,
    basses, guitars, organs and horns play more of it."""

    def __init__(self, corpus, soundfont, instruments=None):
        self.font = Soundfont(soundfont) if soundfont else None
        self.kits = {k: Table(corpus / "drums" / k) for k in CORPUS_KITS}
        self.basses = {b: Table(corpus / "bass" / b) for b in CORPUS_BASSES}
        self.others = {n: Table(corpus / "other" / n) for n in
                       ("emilyguitar",) + sum(SAMPLED.values(), ())}
        self.prepared = {}
        if instruments:
            self.kits |= tables(instruments / "drums", "kit.json")
            self.basses |= tables(instruments / "bass", "map.json")
            self.prepared = tables(instruments / "other", "map.json")

    def drums(self, notes, seconds, rng, program=None):
        """The drum stem of General MIDI drum notes."""
        sampled = 0.8 if len(self.kits) > len(CORPUS_KITS) else 0.6
        if self.font is None or (program is None and rng.random() < sampled):
            x = self.sampled_drums(notes, seconds, rng)
        else:
            if program is None:
                program = DRUM_PROGRAMS[rng.integers(len(DRUM_PROGRAMS))]
            x = self.font.play(notes, seconds, program, drums=True)
        return produced_drums(x, rng)

    def sampled_drums(self, notes, seconds, rng):
        """Drums from the kits of the corpus, sometimes several kits in one set, tuned and panned."""
        names = list(self.kits)
        weights = np.array([KIT_SHARES[n] for n in names])
        weights /= weights.sum()
        main = names[rng.choice(len(names), p=weights)]
        alone = 0.95 if self.kits[main].natural else 0.75
        balance, low_end = (1, 1, 1), (60, 6)  # Hz and dB of the kick
        if self.kits[main].natural:
            low_end = rng.uniform(48, 75), rng.uniform(0, 12)
            balance = (1, effects.decibels(rng.normal(0, 4)), effects.decibels(rng.uniform(-24, 2)))
        track = np.zeros((int(seconds * SAMPLE_RATE), 2), np.float32)
        choice, sounds = {}, {}
        kick_sustain = rng.random() < 0.15
        for start, _, pitch, velocity in notes:
            if pitch not in choice:
                kit = main if rng.random() < alone else names[rng.choice(len(names), p=weights)]
                central = pitch in (35, 36, 38, 40) or self.kits[kit].natural
                position = 0 if central else rng.uniform(-0.7, 0.7)
                choice[pitch] = (kit, 2 ** (rng.normal(0, 0.8) / 12), position,
                                 effects.decibels(rng.normal(0, 3)))
            kit, ratio, position, gain = choice[pitch]
            variant = int(rng.integers(3))
            key = (pitch, int(velocity) // 16, variant)
            if key not in sounds:
                x = self.hit(kit, main, pitch, velocity, rng, balance)
                if x is None:
                    continue
                x = signal.resample(x, max(8, int(len(x) / ratio)), axis=0) if len(x) > 16 else x
                if self.kits[kit].natural and pitch in (35, 36):
                    x = effects.peak(x, *low_end, 0.8)
                x = effects.pan(x, position) if position and x.std() > 0 else x
                if kick_sustain and pitch in (35, 36):
                    x = tuned_kick(rng, velocity) * 0.7 + 0 * x[:1]
                curve = 0.2 if self.kits[kit].natural else 0.8
                sounds[key] = (x * gain * (velocity / 100) ** curve).astype(np.float32)
            add(track, sounds[key], int(start * SAMPLE_RATE))
        return track

    def hit(self, kit, main, pitch, velocity, rng, balance=(1, 1, 1)):
        substitutes = {35: 36, 40: 38, 44: 42, 59: 51, 53: 51, 55: 49, 57: 49, 52: 49, 47: 45,
                       48: 50, 50: 48, 43: 41, 37: 38, 39: 38, 45: 41, 51: 42, 49: 46}
        for note in (pitch, substitutes.get(pitch)):
            for candidate in (kit, main, CORPUS_KITS[0]):
                if note is not None:
                    x = self.kits[candidate].strike(note, velocity, rng, balance)
                    if x is not None:
                        return x[: 4 * SAMPLE_RATE]
        return None

    def bass(self, notes, seconds, rng, program=None):
        """The bass stem: sampled, General MIDI or synthesised, then amplified."""
        choice, prepared = rng.random(), len(self.basses) > len(CORPUS_BASSES)
        if choice < (0.7 if prepared else 0.45):
            names = list(self.basses)
            weights = np.array([BASSES[n] for n in names])
            name = names[rng.choice(len(names), p=weights / weights.sum())]
            x = self.basses[name].play(notes, seconds, rng)
            if name in BRIGHT:
                x = effects.lowpass(x, rng.uniform(60, 140), int(rng.integers(1, 3)))
        elif choice < (0.85 if prepared else 0.75) and self.font:
            program = program or int(rng.choice([32, 33, 33, 34, 34, 35, 36, 37, 38, 39]))
            x = self.font.play(notes, seconds, program)
        else:
            x = synthesizer_bass(notes, seconds, rng)
        return produced_bass(x, rng)

    def part(self, notes, seconds, program, rng, beat=0.5):
        """One part of the accompaniment with its own effects and place, at a level around 1."""
        sampled = self.sampled_for(program, rng)
        if sampled and self.prepared and program in GUITARS and rng.random() < 0.5:
            return double_tracked(sampled, notes, seconds, program, rng)
        x = sampled.play(notes, seconds, rng) if sampled else self.font.play(notes, seconds, program)
        if effects.level(x) < 1e-4:
            return x
        if program in (27, 28, 29, 30) and rng.random() < 0.75:
            x = effects.amplifier(x, rng, rng.uniform(4, 38))
        elif rng.random() < 0.12:
            x = effects.drive(x, rng.uniform(3, 15))
        return produced_part(x, rng, beat)

    def sampled_for(self, program, rng):
        if self.font is None:
            names = list(self.others)
            return self.others[names[rng.integers(len(names))]]
        for programs, names in PREPARED.items() if self.prepared else ():
            if program in programs and rng.random() < 0.8:
                name = names[rng.integers(len(names))]
                if name in self.prepared or name in self.others:
                    return self.prepared.get(name) or self.others[name]
        if program in GUITARS:
            return self.others["emilyguitar"] if rng.random() < 0.5 else None
        family = ("piano" if program in (0, 1, 2) else "electric" if program in (4, 5)
                  else "strings" if program in (44, 45, 48) else
                  "solo" if program in (24, 68, 104, 111, 40) else None)
        if family and rng.random() < 0.6:
            names = SAMPLED[family]
            return self.others[names[rng.integers(len(names))]]
        return None

    def other(self, score, compose, rng):
        """The accompaniment stem of a song: one to four parts."""
        names = list(ROLES)
        weights = np.array([ROLES[n][0] for n in names])
        total = np.zeros((int(score.seconds * SAMPLE_RATE), 2), np.float32)
        for _ in range(rng.choice([1, 2, 3, 4], p=[0.2, 0.35, 0.3, 0.15])):
            role = names[rng.choice(len(names), p=weights / weights.sum())]
            programs = ROLES[role][1]
            program = programs[rng.integers(len(programs))]
            notes = compose(score, role, rng)
            if notes:
                total += self.part(notes, score.seconds, program, rng, score.beat)
        return total


def produced_drums(x, rng):
    """Drums as records have them: equalised, compressed, in a room."""
    x = effects.normalise(x)
    if rng.random() < 0.7:
        x = effects.tilt(x, rng, 3)
    if rng.random() < 0.55:
        x = effects.compress(x, -rng.uniform(6, 24), rng.uniform(2, 6),
                             rng.uniform(0.001, 0.03), rng.uniform(0.05, 0.25))
    if rng.random() < 0.15:
        x = effects.drive(x, rng.uniform(3, 14))
    if rng.random() < 0.75:
        x = effects.reverberate(x, rng, rng.choice([0.25, 0.4, 0.6, 1.0]),
                                effects.decibels(rng.uniform(-24, -6)))
    return effects.lowpass(x, rng.uniform(3000, 9000)) if rng.random() < 0.06 else x


def produced_bass(x, rng):
    """A bass as records have it: driven, compressed, mostly in the middle."""
    x = effects.normalise(x)
    if rng.random() < 0.5:
        x = x * 0.5 + effects.normalise(effects.drive(x, rng.uniform(2, 24))) * 0.5
    if rng.random() < 0.6:
        x = effects.compress(x, -rng.uniform(4, 20), rng.uniform(2, 8))
    if rng.random() < 0.6:
        x = effects.lowpass(x, rng.uniform(500, 6000))
    if rng.random() < 0.6:
        x = effects.tilt(x, rng, 3)
    if rng.random() < 0.1:
        x = effects.chorus(x, rng)
    return effects.mono(x) if rng.random() < 0.85 else x


def produced_part(x, rng, beat=0.5):
    """A part of the accompaniment with effects and a place of its own, at a level around 1."""
    x = effects.normalise(x)
    if rng.random() < 0.5:
        x = effects.tilt(x, rng)
    if rng.random() < 0.2:
        x = effects.chorus(x, rng)
    if rng.random() < 0.25:
        x = effects.compress(x, -rng.uniform(6, 20), 4)
    if rng.random() < 0.2:
        x = effects.echo(x, beat * rng.choice([0.5, 0.75, 1]), rng.uniform(0.1, 0.5),
                         rng.uniform(0.1, 0.35))
    if rng.random() < 0.6:
        x = effects.reverberate(x, rng)
    if rng.random() < 0.3:
        x = effects.highpass(x, rng.uniform(80, 400))
    return effects.place(effects.normalise(x), rng) * effects.decibels(rng.normal(0, 4)) * 10


def tables(folder, name):
    """The tables of a folder of prepared instruments, by name."""
    return {p.parent.name: Table(p.parent) for p in sorted(folder.glob(f"*/{name}"))}


def double_tracked(table, notes, seconds, program, rng):
    """A guitar part played twice, left and right, each take with its own timing and amplifier."""
    sides, gain = [], rng.uniform(4, 38) if program > 26 else 0
    place = rng.uniform(0.6, 1)
    for side in (-place, place):
        late = rng.normal(0, 0.004)
        take = [(max(0, s + late + rng.normal(0, 0.007)), d, p, v * rng.uniform(0.9, 1.1))
                for s, d, p, v in notes]
        x = table.play(take, seconds, rng)
        if gain and effects.level(x) > 1e-4:
            x = effects.amplifier(x, rng, gain + rng.uniform(-2, 2))
        sides.append(effects.pan(effects.normalise(x), side))
    x = effects.normalise(sides[0] + sides[1])
    if rng.random() < 0.5:
        x = effects.tilt(x, rng)
    if rng.random() < 0.5:
        x = effects.reverberate(x, rng)
    return effects.normalise(x) * effects.decibels(rng.normal(0, 4)) * 10
