"""Finds the weights of DrumClassifier.swift: python fit_drums.py --corpus FOLDER [--count N]

Fitted on the songs for choosing (see songs.py). How good such a fit is shows on every second of them,
after a fit on the rest; the songs that are held out are not touched.
"""

import argparse
import json

import numpy as np
import soundfile
import songs
from scipy.optimize import minimize

EDGES = [20, 60, 110, 180, 300, 600, 1200, 2500, 5000, 9000, 16000]


def hits(folders):
    """The features [hit, band + 1] of all moments with hits, and what is hit then."""
    features, drums = [], []
    for folder in folders:
        sound, rate = soundfile.read(folder / "drums.wav", dtype="float32")
        size = round(0.0464 * rate / 2) * 2
        lead = size // 16
        sound = np.pad(sound, ((2 * size, 2 * size), (0, 0)))
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
        edges = np.ceil(np.array(EDGES) / rate * size).astype(int)
        notes = json.loads((folder / "truth.json").read_text())["notes"]
        scale = 2 / (size * np.sum(window ** 2))

        def powers(start):
            frame = sound[start:start + size] * window[:, None]
            power = np.mean(np.abs(np.fft.rfft(frame, axis=0)) ** 2, axis=1) * scale
            return np.array([power[a:b].sum() for a, b in zip(edges, edges[1:])])

        for time, _, _, level in notes:
            if level < -24:
                continue
            place = round(time * rate) + 2 * size - lead
            gain = np.maximum(powers(place) - powers(place - size), 0)
            if gain.sum() > 0:
                features.append(np.append(np.log10(gain / gain.sum() + 1e-4), 1))
                drums.append({n[1] for n in notes if abs(n[0] - time) < 0.02 and n[3] > -24})
    return np.array(features), drums


def fit(x, drums, drum):
    """The weights of a logistic regression that tells whether that drum is among some."""
    y = np.array([drum in some for some in drums], float)

    def loss(w):
        z = x @ w
        slope = x.T @ (1 / (1 + np.exp(-z)) - y) / len(y) + 2e-3 * np.append(w[:-1], 0)
        return np.mean(np.logaddexp(0, z) - y * z) + 1e-3 * np.sum(w[:-1] ** 2), slope

    return minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--songs", default=".build/cue-songs/choosing")
    parser.add_argument("--count", type=int, default=36)
    options = parser.parse_args()
    folders = songs.make(options.songs, options.corpus, "for choosing", options.count)
    half, others = hits(folders[::2]), hits(folders[1::2])
    for drum in ("kick", "snare", "hat"):
        x, true = others
        said = x @ fit(*half, drum) > 0
        true = np.array([drum in some for some in true])
        w = fit(np.concatenate([half[0], x]), half[1] + others[1], drum)
        print(f"{drum}: {', '.join(f'{value:.2f}' for value in w)};"
              f" precision {(said & true).sum() / said.sum():.3f},"
              f" recall {(said & true).sum() / true.sum():.3f}")


main()
