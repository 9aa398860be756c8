"""Makes songs whose onsets and beats are known exactly: human drum grooves with a band around them.

The grooves are those of the Groove MIDI Dataset (groove.zip and groove_info.csv in the corpus folder);
fluidsynth plays them with a General MIDI soundfont. Bass, chords and a lead are made up here, on the
beat grid of the groove. A song is a folder with mix.wav, drums.wav, bass.wav, other.wav, vocals.wav
(the lead) and truth.json.
"""

import csv
import io
import json
import random
import subprocess
import tempfile
import zipfile
from pathlib import Path

import mido
import numpy as np
import soundfile

RATE = 44100
# Notes of the electronic kit that General MIDI does not have.
TO_GENERAL_MIDI = {22: 42, 26: 46, 58: 43}
CLASSES = {36: "kick", 35: "kick", 37: "snare", 38: "snare", 39: "snare", 40: "snare",
           42: "hat", 44: "hat", 46: "hat"}
KITS = [0, 8, 16, 24, 25, 32]
FONTS = ["/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2"]


def choose(corpus, part, count):
    """The rows of some grooves of many styles.

    Those "for choosing", the training part of the data set, are for whoever looks for thresholds and
    weights. Those "held out" have never been looked at for that: they are what the figures are
    measured on. Early thresholds were chosen on forty grooves of the rest, so these are left out.
    """
    with open(Path(corpus) / "groove_info.csv") as file:
        rows = [row for row in csv.DictReader(file)
                if row["beat_type"] == "beat" and (row["split"] == "train") == (part == "for choosing")
                and row["time_signature"] in ("4-4", "3-4") and float(row["duration"]) >= 15]
    random.Random(1).shuffle(rows)

    def styles(most):
        chosen, used = [], {}
        for row in rows:
            style = row["style"].split("/")[0]
            if used.get(style, 0) < most:
                used[style] = used.get(style, 0) + 1
                chosen.append(row)
        return chosen

    if part == "for choosing":
        return styles(max(2, count // 5))[:count]
    seen = [row["id"] for row in styles(8)[:40]]
    rows = [row for row in rows if row["id"] not in seen]
    return styles(max(2, count // 4))[:count]


def grooves(corpus, part, count, seconds):
    """Name, seconds of a beat, beats in a bar, and [(time, note, velocity)] of each groove."""
    archive = zipfile.ZipFile(Path(corpus) / "groove.zip")
    for row in choose(corpus, part, count):
        midi = mido.MidiFile(file=io.BytesIO(archive.read(row["midi_filename"])))
        time, notes = 0.0, []
        for message in midi:
            time += message.time
            if time > seconds:
                break
            if message.type == "note_on" and message.velocity > 0:
                notes.append((time, TO_GENERAL_MIDI.get(message.note, message.note),
                              message.velocity))
        # The tempo of the file itself: that of the table is rounded.
        tempo = next((m.tempo for t in midi.tracks for m in t if m.type == "set_tempo"), None)
        beat = tempo / 1e6 if tempo else 60 / float(row["bpm"])
        meter = int(row["time_signature"][0])
        yield row["id"].replace("/", "-") + "-" + row["style"].replace("/", "-"), beat, meter, notes


def band(generator, beat, meter, beats):
    """Notes of bass, chords and lead: {stem: (program, [(time, length, note, velocity)])}."""
    scale = [0, 2, 4, 5, 7, 9, 11]
    key = generator.randrange(12)
    bars = beats // meter + 1
    roots = [generator.choice([0, 3, 4, 5]) for _ in range(4)]
    pattern = generator.choice([[0, 1, 2, 3], [0, 1.5, 2, 3.5], [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5],
                                [0, 2], [0, 0.75, 2, 2.75]])
    bass, chords, lead = [], [], []
    for bar in range(bars):
        start = bar * meter * beat
        root = roots[bar % 4]
        for place in pattern:
            if place < meter:
                note = 36 + (key + scale[root]) % 12
                step = generator.choice([0, 0, 0, 7, 12]) if place else 0
                bass.append((start + place * beat, 0.4 * beat, note + step,
                             generator.randint(85, 115)))
        for place in generator.choice([[0], [0, 2], [1, 3], [0, 1.5]]):
            if place < meter:
                for third in (0, 2, 4):
                    note = 55 + (key + scale[(root + third) % 7]) % 12
                    chords.append((start + place * beat, 1.2 * beat, note,
                                   generator.randint(60, 90)))
        place = generator.choice([0, 0.5, 1])
        while place < meter:
            length = generator.choice([0.5, 0.5, 1, 1.5])
            if generator.random() < 0.7:
                lead.append((start + place * beat, length * beat * 0.9,
                             67 + key % 5 + generator.choice(scale), generator.randint(75, 105)))
            place += length
    return {"bass": (generator.choice([32, 33, 34, 38]), bass),
            "other": (generator.choice([0, 4, 25, 29, 48]), chords),
            "vocals": (generator.choice([52, 53, 54, 65, 80]), lead)}


def play(font, notes, channel, program, seconds, clean):
    """Sound of some notes, [sample, 2]."""
    midi = mido.MidiFile(ticks_per_beat=9600)
    track = mido.MidiTrack()
    midi.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=500000))
    events = [(0.0, mido.Message("program_change", channel=channel, program=program))]
    for time, length, note, velocity in notes:
        events.append((time, mido.Message("note_on", channel=channel, note=note,
                                          velocity=velocity)))
        events.append((time + length, mido.Message("note_off", channel=channel, note=note)))
    events.sort(key=lambda event: event[0])
    last = 0
    for time, message in events:
        tick = round(time * 2 * 9600)
        track.append(message.copy(time=tick - last))
        last = tick
    with tempfile.TemporaryDirectory() as folder:
        midi.save(f"{folder}/in.mid")
        subprocess.run(
            ["fluidsynth", "-niq", "-g", "0.5", "-R", "0" if clean else "1", "-C", "0",
             "-z", "64", "-r", str(RATE), "-T", "wav", "-O", "float", "-F", f"{folder}/out.wav",
             font, f"{folder}/in.mid"], check=True, capture_output=True)
        sound, rate = soundfile.read(f"{folder}/out.wav", dtype="float32", always_2d=True)
    assert rate == RATE
    result = np.zeros((round(seconds * RATE), 2), np.float32)
    count = min(len(result), len(sound))
    result[:count] = sound[:count]
    return result


def shots(font, kit, keys, cache):
    """The sounds of single hits, {(note, velocity): [sample, 2]}, cut where they begin."""
    missing = sorted(keys - {key for owner, key in cache if owner == kit})
    step = 2.0
    if missing:
        notes = [(0.1 + k * step, 0.1, note, velocity)
                 for k, (note, velocity) in enumerate(missing)]
        sound = play(font, notes, 9, kit, len(missing) * step + 0.1, clean=True)
        for k, key in enumerate(missing):
            start = round((0.1 + k * step) * RATE)
            # The tail fades out before the next hit.
            shot = sound[start:start + round((step - 0.05) * RATE)].copy()
            shot[-2000:] *= np.linspace(1, 0, 2000)[:, None]
            size = np.abs(shot).max(axis=1)
            cache[kit, key] = shot[np.argmax(size > size.max() * 0.01):]
    return {key: cache[kit, key] for key in keys}


def drums(font, notes, kit, seconds, cache):
    """Sound of a drum part, and the level of each hit in dB against what else sounds just then.

    Every hit begins exactly on the sample of its note: the synthesizer's player has some milliseconds
    of latency that vary with the note, so each sound is played by itself, cut
    where it begins, and put in its place here.
    """
    # 16 velocities are enough for the ear, and save time.
    notes = [(time, note, min(127, velocity // 8 * 8 + 7)) for time, note, velocity in notes]
    sounds = shots(font, kit, {(note, velocity) for _, note, velocity in notes}, cache)
    result = np.zeros((round(seconds * RATE), 2), np.float32)
    for time, note, velocity in notes:
        place = round(time * RATE)
        part = sounds[note, velocity][:max(0, len(result) - place)]
        result[place:place + len(part)] += part
    levels = []
    for time, note, velocity in notes:
        place, window = round(time * RATE), round(0.03 * RATE)
        all_of_it = result[place:place + window]
        own = np.zeros_like(all_of_it)
        part = sounds[note, velocity][:len(own)]
        own[:len(part)] = part
        rest = np.sum((all_of_it - own) ** 2) + 1e-12
        levels.append(float(10 * np.log10((np.sum(own ** 2) + 1e-20) / rest)))
    return result, levels


def make(folder, corpus, part, count, seconds=30):
    """Makes the songs that are not there yet and returns their folders."""
    made = []
    caches = {font: {} for font in FONTS}
    for index, (name, beat, meter, notes) in enumerate(
            grooves(corpus, part, count, seconds)):
        song = Path(folder) / f"{index:03}-{name}"
        made.append(song)
        if (song / "truth.json").exists():
            continue
        song.mkdir(parents=True, exist_ok=True)
        generator = random.Random(index)
        font = FONTS[index // len(KITS) % len(FONTS)]
        length = min(seconds, notes[-1][0] + 1)
        # A lead-in that is no multiple of a beat or a block.
        lead_in = generator.uniform(0.05, 0.9)
        total = lead_in + length
        sound, levels = drums(font, [(t + lead_in, n, v) for t, n, v in notes],
                              KITS[index % len(KITS)], total, caches[font])
        stems = {"drums": sound}
        beats = int(length / beat) + 1
        for stem, (program, part) in band(generator, beat, meter, beats).items():
            part = [(t + lead_in, d, n, v) for t, d, n, v in part if t < length]
            stems[stem] = play(font, part, 0, program, total, clean=False)
        gains = {"drums": 0.5, "bass": 0.3, "other": 0.3, "vocals": 0.35}
        for stem in stems:
            peak = np.abs(stems[stem]).max()
            stems[stem] *= gains[stem] * generator.uniform(0.8, 1.2) / max(peak, 1e-6)
        stems["mix"] = sum(stems.values())
        for stem, sound in stems.items():
            soundfile.write(song / f"{stem}.wav", sound, RATE, subtype="FLOAT")
        truth = {"tempo": 60 / beat, "meter": meter,
                 "beats": [lead_in + k * beat for k in range(beats) if k * beat < length],
                 # Time, class, velocity, and the level in dB against what else sounds.
                 "notes": [[lead_in + t, CLASSES.get(n, "other"), v, level]
                           for (t, n, v), level in zip(notes, levels)]}
        (song / "truth.json").write_text(json.dumps(truth))
    return made
