"""Checks the cues of synthesised drums: accuracy, schema, MIDI file. Usage: check.py PROGRAM SCHEMA

The drums are made here, hit by hit on exact samples, so that nothing but this repository is needed.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import mido
import numpy as np
import soundfile
from scores import beat_score, onset_scores


def drum_track(tempo, rate, seconds, seed):
    """Sound, hits [(time, class)] and beats of a drummer who is late or early by some milliseconds."""
    generator = random.Random(seed)
    noise = np.random.default_rng(seed)
    time = np.arange(int(0.4 * rate)) / rate
    hiss = noise.standard_normal(len(time)) * 0.3
    shots = {
        "kick": np.exp(-time / 0.07) * np.cos(2 * np.pi * 52 * time) + np.exp(-time / 0.002) * hiss,
        "snare": np.exp(-time / 0.05) * (hiss + 0.5 * np.cos(2 * np.pi * 185 * time)),
        "hat": np.exp(-time / 0.02) * np.diff(hiss, prepend=0),
    }
    sound, hits, beats = np.zeros(int(seconds * rate)), [], []
    beat, start = 60 / tempo, 0.377
    for sixteenth in range(int((seconds - start - 0.5) / beat * 4)):
        place = start + sixteenth * beat / 4
        if sixteenth % 4 == 0:
            beats.append(place)
        where = sixteenth % 16
        drums = ["kick"] if where in (0, 8, 10) else ["snare"] if where in (4, 12) else []
        if sixteenth % 2 == 0:
            drums.append("hat")
        elif generator.random() < 0.15:
            drums.append("snare")
        late = generator.gauss(0, 0.004)
        for drum in drums:
            sample = round((place + late) * rate)
            level = generator.uniform(0.25, 0.6) * (1 if sixteenth % 2 == 0 else 0.3)
            end = min(len(sound), sample + len(time))
            sound[sample:end] += level * shots[drum][:end - sample]
            hits.append((sample / rate, drum))
    return sound.astype(np.float32), hits, beats


def main():
    program, schema = Path(sys.argv[1]).resolve(), json.loads(Path(sys.argv[2]).read_text())
    onsets, errors, beats, classes = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for seed, (tempo, rate) in enumerate([(84, 44100), (118, 48000), (140, 22050)]):
            sound, hits, known = drum_track(tempo, rate, 20, seed)
            song = folder / str(seed) / "drums.wav"
            song.parent.mkdir()
            soundfile.write(song, sound, rate, subtype="FLOAT")
            subprocess.run([program, "cues", song, "-o", song.parent, "-q"], check=True)
            text = (song.parent / "drums/cues.json").read_text()
            cues = json.loads(text, parse_constant=lambda name: sys.exit(f"{name} in JSON"))
            jsonschema.validate(cues, schema)
            found = cues["sources"][0]["onsets"]
            times = [hit[0] for hit in hits]
            score, _, _, error = onset_scores(times, times, [o["time"] for o in found])
            onsets.append(score)
            errors += error
            beats.append(beat_score(known, [b["time"] for b in cues["rhythm"]["beats"]]))
            for onset in found:
                near = {drum for time, drum in hits if abs(time - onset["time"]) < 0.025}
                classes.append(onset["class"] in near)
            midi = mido.MidiFile(song.parent / "drums/cues.mid")
            clock, notes = 0.0, []
            for message in midi:
                clock += message.time
                if message.type == "note_on":
                    notes.append(clock)
            assert len(notes) == len(found), "the MIDI file has every onset"
            worst = max(abs(n - o["time"]) for n, o in zip(notes, found))
            assert worst < 1 / rate, f"MIDI notes are {worst} s off"
    figures = {"onset F at 25 ms": (np.mean(onsets), 0.95), "beat F": (np.mean(beats), 0.9),
               "class": (np.mean(classes), 0.85)}
    for name, (value, least) in figures.items():
        print(f"{name:18} {value:.3f} (at least {least})")
    print(f"mean signed error  {np.mean(errors) * 1e3:+.2f} ms (within 3)")
    if any(value < least for value, least in figures.values()) or abs(np.mean(errors)) > 0.003:
        sys.exit("the cues are less accurate than they have to be")


main()
