"""Writes stems with known faults and the scores that museval gives them.

    make_cases.py OUTPUT

OUTPUT gets the folders references/ and estimates/, with a folder a track in each, and scores.json:
track, stem, then SDR, ISR, SIR and SAR of each window (null where museval has no number), and the seconds
that museval took for all. Needs the packages in requirements.txt; loads nothing from a network.
"""

import json
import sys
import time
from pathlib import Path

import museval
import numpy as np
import soundfile
from scipy.signal import lfilter

NAMES = ["bass", "drums", "other", "vocals"]


def stems(random: np.random.Generator, rate: int, seconds: float, channels: int) -> list:
    """Four sounds as unlike as music is: tones, clicks with decays, and coloured noise."""
    length = int(rate * seconds)
    time_ = np.arange(length) / rate
    sounds = []
    for index in range(4):
        sound = np.zeros(length)
        for start in np.arange(0, seconds, 0.19 + 0.07 * index):
            since = np.maximum(time_ - start, 0)
            pitch = random.uniform(60, 2500)
            decay = np.exp(-random.uniform(2, 30) * since) * (time_ >= start)
            tone = np.sin(2 * np.pi * pitch * since) + 0.4 * np.sin(4 * np.pi * pitch * since)
            noise = random.standard_normal(length)
            sound += decay * (tone if index != 1 else noise) * random.uniform(0.05, 0.3)
        colour = lfilter([1], [1, -0.95 + 0.2 * index], random.standard_normal(length))
        sound += 0.01 * colour
        sounds.append(np.stack(
            [sound * gain + 0.003 * random.standard_normal(length)
             for gain in random.uniform(0.3, 1, channels)], axis=1))
    return sounds


def spoiled(random: np.random.Generator, references: list, amount: float) -> list:
    """Each stem filtered a little, with some of the others, noise and an echo in it."""
    estimates = []
    for index, reference in enumerate(references):
        others = sum(references) - reference
        sound = lfilter([1, -0.2 * amount], [1], reference, axis=0) + amount * 0.3 * others
        sound[400:] += amount * 0.2 * reference[:-400]
        estimates.append(sound + amount * 0.02 * random.standard_normal(sound.shape))
    return estimates


def quantised(sound: np.ndarray) -> np.ndarray:
    """The sound as 24-bit integers hold it, at full scale 1."""
    return np.round(np.clip(sound, -1, 1 - 2**-23) * 2**23) / 2**23


def tracks():
    """Names, rates, references and estimates by name."""
    random = np.random.default_rng(7)

    def track(name, rate=8000, seconds=6.4, channels=2, amount=0.5, change=None):
        references = stems(random, rate, seconds, channels)
        estimates = spoiled(random, references, amount)
        both = [dict(zip(NAMES, references)), dict(zip(NAMES, estimates))]
        if change:
            change(*both)
        return name, rate, *both

    def silence(references, estimates):
        references["bass"][8000:17000] = 0
        estimates["drums"][30000:40000] = 0

    def shorter(references, estimates):
        estimates["drums"] = estimates["drums"][:-3000]
        estimates["bass"] = np.pad(estimates["bass"], ((0, 777), (0, 0)))

    def centred(references, estimates):
        # The same on both sides, as voices often are. References that a steep filter has cut are not
        # among the cases: museval's own scores then change by up to 0.3 dB with the stems' order.
        references["vocals"] = np.repeat(references["vocals"][:, :1], 2, axis=1)

    def accompaniment(references, estimates):
        estimates["accompaniment"] = (
            estimates["bass"] + estimates["drums"] + estimates["other"])

    def pair(references, estimates):
        accompaniment(references, estimates)
        for name in ("bass", "drums", "other"):
            del estimates[name]

    yield track("usual", rate=44100, seconds=8.7)
    yield track("good", amount=0.02)
    yield track("bad", amount=2.5)
    yield track("mono", channels=1)
    yield track("silent parts", change=silence)
    yield track("other lengths", seconds=5, change=shorter)
    yield track("short", seconds=0.7)
    yield track("centred", change=centred)
    yield track("accompaniment", change=accompaniment)
    yield track("pair", change=pair)


def score(rate: int, references: dict, estimates: dict) -> dict:
    """What museval's eval_mus_track gives for a track of the MUSDB18 kind."""

    class Target:
        def __init__(self, audio):
            self.audio = audio

    class Track:
        pass

    everything = dict(references)
    everything["accompaniment"] = sum(
        sound for name, sound in references.items() if name != "vocals")
    whole = Track()
    whole.name, whole.subset, whole.rate = "track", "test", rate
    whole.targets = {name: Target(sound) for name, sound in everything.items()}
    # The package pads a whole array of estimates, which needs them in one length.
    length = len(references["vocals"])
    for name, sound in estimates.items():
        estimates[name] = np.pad(sound, ((0, max(0, length - len(sound))), (0, 0)))[:length]
    data = museval.eval_mus_track(whole, estimates)
    return {
        target["name"]: {
            ratio.lower(): [
                None if np.isnan(value) else value
                for value in (float(frame["metrics"][ratio]) for frame in target["frames"])]
            for ratio in ("SDR", "ISR", "SIR", "SAR")}
        for target in data.scores["targets"]}


def main() -> None:
    output = Path(sys.argv[1])
    scores, seconds = {}, 0.0
    for name, rate, references, estimates in tracks():
        for kind, sounds in (("references", references), ("estimates", estimates)):
            folder = output / kind / "test" / name
            folder.mkdir(parents=True, exist_ok=True)
            for stem in sounds:
                sounds[stem] = quantised(sounds[stem])
                soundfile.write(folder / f"{stem}.wav", sounds[stem], rate, "PCM_24")
        mixture = sum(references.values())
        soundfile.write(output / "references" / "test" / name / "mixture.wav", mixture, rate)
        start = time.monotonic()
        scores[name] = score(rate, references, estimates)
        seconds += time.monotonic() - start
    result = {"seconds": seconds, "tracks": scores}
    (output / "scores.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
