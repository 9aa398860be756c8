"""Renders the training pools: int16 arrays [samples, 2] in folders, one a stem.

pools/<stem>/<kind>_<seed>_<index>.npy; files of one song carry the same name in every stem's
folder and are aligned to the sample. Each item depends only on (kind, seed, index) and on the
instruments that are there.
"""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from . import STEMS, compose, effects, electronic
from .compose import Library
from .parts import Band
from .samples import HELD_OUT_DRUM_PROGRAMS, read
from .voices import Singers

SECONDS = 30.0
KINDS = ("song", "game", "vocals", "electronic")
TRAIN_SONGS = ("sodium", "potassium", "rubidium", "francium")
VALIDATION_SONGS = ("lithium", "caesium")
LEVEL = 0.1
_tools = {}


def setup(corpus, soundfont, instruments=None):
    """Loads what a worker needs, once a process."""
    _tools["corpus"] = Path(corpus)
    _tools["soundfont"] = soundfont
    _tools["instruments"] = instruments


def tool(name):
    """The library, band or singers of this process, made when first asked for."""
    if name not in _tools:
        corpus = _tools["corpus"]
        _tools[name] = (Library(corpus) if name == "library" else
                        Band(corpus, _tools["soundfont"], _tools["instruments"])
                        if name == "band" else Singers(corpus))
    return _tools[name]


def made_song(rng):
    """Drums, bass and other of a groove with made-up or lead-sheet harmony."""
    score = tool("library").song(rng, SECONDS)
    band = tool("band")
    return {"drums": band.drums(score.drums, SECONDS, rng),
            "bass": band.bass(compose.bass_line(score, rng), SECONDS, rng),
            "other": band.other(score, compose.accompaniment, rng)}


def game_song(rng):
    """Drums, bass and other of an excerpt of a full arrangement."""
    parts, band = tool("library").game(rng, SECONDS), tool("band")
    stems, other = {}, None
    for (channel, program), notes in sorted(parts.items()):
        if channel == 9:
            stems["drums"] = band.drums(notes, SECONDS, rng)
        elif 32 <= program <= 39:
            x = band.bass(notes, SECONDS, rng, program)
            stems["bass"] = stems["bass"] + x if "bass" in stems else x
        elif program < 112:
            loudness = effects.decibels(rng.normal(0, 2)) * np.mean([n[3] for n in notes]) / 100
            x = band.part(notes, SECONDS, program, rng) * loudness
            other = x if other is None else other + x
    if other is not None:
        stems["other"] = other
    return stems


def electronic_song(rng):
    return electronic.song(rng, SECONDS, tool("band"))


def vocal_stem(rng):
    return {"vocals": tool("singers").stem(SECONDS, rng)}


def item(kind, seed, index, folder):
    """Renders one item to the pools; returns the seconds it took."""
    began = time.time()
    rng = np.random.default_rng([KINDS.index(kind), seed, index])
    stems = {"song": made_song, "game": game_song, "vocals": vocal_stem,
             "electronic": electronic_song}[kind](rng)
    for stem, x in stems.items():
        if np.isfinite(x).all() and effects.level(x) > 1e-4:
            store(folder, stem, f"{kind}_{seed}_{index:05d}", effects.normalise(x, LEVEL))
    return time.time() - began


def store(folder, stem, name, x):
    """Writes a pool file under its final name only when whole."""
    target = Path(folder) / stem / f"{name}.npy"
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.with_suffix(".part"), "wb") as file:
        np.save(file, np.round(np.clip(x, -1, 1) * 32767).astype(np.int16))
    os.replace(target.with_suffix(".part"), target)


def store_song(folder, name, stems):
    """Writes stems that belong together under one name, in one gain."""
    gain = 2 * LEVEL / effects.level(sum(stems.values()))
    gain = min(gain, 0.98 / max(np.abs(x).max() for x in stems.values()))
    for stem, x in stems.items():
        store(folder, stem, name, x * gain)


def real_songs(corpus, folder):
    """The training songs' stems as they are, aligned, in one gain; guitars as other.

    Songs without a voice of which only the sum is known are pools of their own, `backing`."""
    for song in TRAIN_SONGS:
        stems = {s: read(corpus / "songs" / song / f"{s}.ogg") for s in STEMS}
        length = min(len(x) for x in stems.values())
        store_song(folder, f"real_{song}", {s: x[:length] for s, x in stems.items()})
    for path in sorted((corpus / "guitar-songs").glob("*/guitar.ogg")):
        name = f"guitar_{path.parent.name}"
        store(folder, "other", name, effects.normalise(read(path), LEVEL))
        store(folder, "backing", name, effects.normalise(read(path.with_name("song.ogg")), LEVEL))


def stem_folders(stems, folder):
    """Songs of a user: each folder below `stems` with the four stems as sound files."""
    for path in sorted(stems.glob("*/drums.*")):
        store_song(folder, f"folder_{path.parent.name}",
                   {s: read(path.with_stem(s)) for s in STEMS})


def unseen_songs(corpus, soundfont, count=6, seconds=24.0):
    """(name, stems [4, samples, 2]) of songs with drum kits and voices that no training has."""
    library, band = Library(corpus), Band(corpus, soundfont)
    singers = Singers(corpus, "validation")
    for index in range(count):
        rng = np.random.default_rng([77, index])
        score = library.song(rng, seconds)
        program = HELD_OUT_DRUM_PROGRAMS[index % len(HELD_OUT_DRUM_PROGRAMS)]
        stems = [band.drums(score.drums, seconds, rng, program),
                 band.bass(compose.bass_line(score, rng), seconds, rng),
                 singers.stem(seconds, rng),
                 band.other(score, compose.accompaniment, rng)]
        yield f"song{index}", np.stack([effects.normalise(x, 0.05) for x in stems])


def safe_item(job):
    try:
        return item(*job)
    except (ValueError, IndexError, KeyError, RuntimeError) as error:
        return f"{job[0]} {job[2]}: {error!r}"


def render(corpus, folder, soundfont, counts, seed=1, workers=2, first=0, instruments=None):
    """Renders `counts` items by kind from index `first` on; finished ones are kept."""
    folder = Path(folder)
    jobs = [(kind, seed, i, folder) for i in range(first, first + max(counts.values()))
            for kind in KINDS if i < first + counts.get(kind, 0) and not any(
                (folder / s / f"{kind}_{seed}_{i:05d}.npy").exists() for s in STEMS)]
    if not (folder / "drums" / "real_sodium.npy").exists():
        real_songs(Path(corpus), folder)
    began = time.time()
    with ProcessPoolExecutor(workers, initializer=setup,
                             initargs=(corpus, soundfont, instruments)) as pool:
        for done, result in enumerate(pool.map(safe_item, jobs), 1):
            if isinstance(result, str):
                print(result, flush=True)
            if done % 20 == 0:
                print(f"{done}/{len(jobs)} items, {time.time() - began:.0f} s", flush=True)
