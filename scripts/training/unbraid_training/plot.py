"""The learning curve of a run."""

import csv

import matplotlib

from . import STEMS

matplotlib.use("Agg")


def plot(folder, output=None, points=20):
    """Draws log.csv of a run: loss by stem over hours of sound, means over twentieths of the run."""
    import matplotlib.pyplot as pyplot

    with open(folder / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    group = max(1, len(rows) // points)
    rows = [rows[i:i + group] for i in range(0, len(rows) - group + 1, group)]

    def mean(name):
        return [sum(float(r[name]) for r in part) / len(part) for part in rows]

    figure, axes = pyplot.subplots(figsize=(7, 3.6))
    for stem in STEMS:
        axes.plot(mean("audio_hours"), mean(stem), label=stem, linewidth=1)
    axes.set(xlabel="hours of sound seen", ylabel="loss of the stem")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(output or folder / "curve.png", dpi=90)
    pyplot.close(figure)
