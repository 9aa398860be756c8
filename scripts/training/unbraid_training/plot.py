"""The learning curve of a run."""

import csv

import matplotlib

from . import STEMS

matplotlib.use("Agg")


def plot(folder):
    """Draws log.csv of a run as curve.png: loss by stem over hours of sound."""
    import matplotlib.pyplot as pyplot

    with open(folder / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    hours = [float(r["audio_hours"]) for r in rows]
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for stem in STEMS:
        axes.plot(hours, [float(r[stem]) for r in rows], label=stem, linewidth=1)
    axes.set(xlabel="hours of sound seen", ylabel="loss of the stem", ylim=(0, 1.2))
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(folder / "curve.png", dpi=110)
