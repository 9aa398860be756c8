"""Measures the cues on human drum grooves with a band around them.

    python evaluate.py --corpus FOLDER [--program PATH] [--songs FOLDER] [--count N]

FOLDER holds groove.zip and groove_info.csv of the Groove MIDI Dataset; see songs.py for what is made
of them. The songs are those that are held out; with --choosing those that thresholds may be chosen on.
Onsets are those of the drums, whatever they are looked for in. "all" counts every note; for
"audible" those that are 24 dB or more below what else sounds just then need not be found.
"""

import argparse
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import songs
from scores import beat_score, onset_scores


def run(program, song, name, arguments):
    """The cues of a command that writes below a folder of that name."""
    target = song / name
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run([program, *arguments, "-o", target, "--cue-formats", "json", "-q"], check=True)
    (path,) = target.rglob("cues.json")
    return json.loads(path.read_text())


def aubio(song):
    """Onsets of the drums and beats of the mix by aubio's own programs."""
    def times(*command):
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [float(line.split()[0]) for line in output.splitlines() if line.strip()]
    drums = str(song / "drums.wav")
    return (times("aubioonset", "-i", drums, "-O", "specflux", "-t", "0.3", "-s", "-70",
                  "-M", "0.025", "-B", "512", "-H", "128"),
            times("aubiotrack", "-i", drums), times("aubiotrack", "-i", str(song / "mix.wav")))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--program", default=".build/release/unbraid")
    parser.add_argument("--songs", default=".build/cue-songs")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--choosing", action="store_true")
    options = parser.parse_args()
    rows = {}

    def add(name, truth, onsets, beats, downbeats=None):
        everything = [note[0] for note in truth["notes"]]
        audible = [note[0] for note in truth["notes"] if note[3] > -24]
        row = {}
        if onsets is not None:
            row["all"], row["P"], row["R"], row["errors"] = onset_scores(
                everything, everything, onsets)
            row["audible"] = onset_scores(audible, everything, onsets)[0]
        if beats is not None:
            row["beats"] = beat_score(truth["beats"], beats)
        if downbeats is not None:
            row["bars"] = beat_score(truth["beats"][::truth["meter"]], downbeats, trim=False)
        rows.setdefault(name, []).append(row)

    def add_cues(name, truth, cues, source):
        (found,) = [s for s in cues["sources"] if s["name"] == source]
        beats = cues["rhythm"]["beats"]
        add(name, truth, [o["time"] for o in found["onsets"]], [b["time"] for b in beats],
            [b["time"] for b in beats if b["beat"] == 1])
        return found

    classes = {}
    part = "for choosing" if options.choosing else "held out"
    folder = Path(options.songs) / part.split()[-1]
    for song in songs.make(folder, options.corpus, part, options.count):
        truth = json.loads((song / "truth.json").read_text())
        true = run(options.program, song, "true", [
            "cues", "--together", song / "mix.wav", song / "drums.wav", song / "bass.wav"])
        drums = add_cues("true drums and bass", truth, true, "drums")
        alone = run(options.program, song, "alone", ["cues", song / "drums.wav"])
        add("true drums alone", truth, [o["time"] for o in alone["sources"][0]["onsets"]], None)
        for onset in drums["onsets"]:
            near = {n[1] for n in truth["notes"] if abs(n[0] - onset["time"]) < 0.025}
            classes.setdefault(onset["class"], []).append(onset["class"] in near)
        add_cues("mix", truth, run(options.program, song, "mix", [
            "cues", song / "mix.wav"]), "mix")
        own = run(options.program, song, "own", ["separate", song / "mix.wav", "--cues"])
        add_cues("own separation", truth, own, "drums")
        shutil.rmtree(song / "own")
        if shutil.which("aubioonset") and shutil.which("aubiotrack"):
            onsets, beats, of_mix = aubio(song)
            add("aubio, true drums", truth, onsets, beats)
            add("aubio, mix", truth, None, of_mix)
    print(f"{len(rows['mix'])} songs; means over songs; onsets at 25 ms, beats at 70 ms")
    print("| | onset F, all | P | R | onset F, audible | mean error, ms | beat F | downbeat F |")
    print("|---|---|---|---|---|---|---|---|")
    for name, scores in rows.items():
        def mean(key):
            values = [s[key] for s in scores if key in s]
            return f"{np.mean(values):.3f}" if values else ""
        errors = [e for s in scores for e in s.get("errors", [])]
        shift = f"{np.mean(errors) * 1e3:+.2f}" if errors else ""
        print(f"| {name} | {mean('all')} | {mean('P')} | {mean('R')} | {mean('audible')} | {shift}"
              f" | {mean('beats')} | {mean('bars')} |")
    for drum, right in sorted(classes.items()):
        print(f"{drum}: {len(right)} onsets, {np.mean(right):.3f} of them such a hit")


main()
