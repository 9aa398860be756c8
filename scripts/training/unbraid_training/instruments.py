"""Sampled instruments of public repositories as the tables that `samples.Table` plays.

`prepare` writes OUTPUT/drums|bass|other/<name>: FLAC files, cut to a few seconds, and a `map.json`
(notes) or `kit.json` (drum kit, each hit as close, overhead and room microphones) as the corpus has
them.
"""

import json
import re
from dataclasses import dataclass

import numpy as np
import soundfile

from . import SAMPLE_RATE
from .effects import pan
from .found import SOURCES
from .samples import read

NOTES = {n: i for i, n in enumerate("c db d eb e f gb g ab a bb b".split())}
LARGEST_PEAK = 0.95


@dataclass(frozen=True)
class Sampled:
    """An instrument of single notes: files whose names hold note, octave and layer.

    shift: semitones from the note named (c4 = 60) to the sounding one, measured on the samples.
    layers: the names of the velocity layers from soft to loud; none where there is one.
    """

    stem: str
    repository: str
    pattern: str
    shift: int
    layers: tuple = ("",)
    seconds: float = 5.0
    held: bool = False  # a steady sound: prolonged to the end


NAMED = r"/([a-g]b?)(\d)"
PASTA = "sfzinstruments/karoryfer.pastabass"
SHINY = "sfzinstruments/karoryfer.shinyguitar"
CLUBS = "kmturley/karoryfer.black-and-green-guitars"
ORGAN = "sfzinstruments/karoryfer.caveman-cosmonaut"
FOUR = ("1", "2", "3", "4")
INSTRUMENTS = {
    "swagbass": Sampled("bass", "sfzinstruments/karoryfer.swagbass",
                        rf"notes{NAMED}_(p|f|fff)_rr[1-3]", -12, ("p", "f", "fff")),
    "fetuccine": Sampled("bass", PASTA, rf"fetuccine{NAMED}_vl(\d)_rr[1-3]", -12, FOUR),
    "linguine": Sampled("bass", PASTA, rf"linguine{NAMED}_vl(\d)_rr[1-3]", -12, FOUR),
    "tagliatelle": Sampled("bass", PASTA, rf"tagliatelle{NAMED}_vl(\d)_rr[1-3]", -12, FOUR),
    "spaghetti": Sampled("bass", PASTA, rf"spaghetti{NAMED}_vl(\d)_rr[1-3]", -12, FOUR),
    "fashionbass": Sampled("bass", "sfzinstruments/karoryfer.fashionbass",
                           rf"notes{NAMED}_(pp|p|mf|f|ff)_rr[1-3]", 0,
                           ("pp", "p", "mf", "f", "ff")),
    "smolken_pizz": Sampled("bass", "sfzinstruments/dsmolken.double-bass",
                            r"pizz_([a-g]b?)(\d)_([pmf])[a-d]\.", 0, ("p", "m", "f")),
    "shiny_acoustic": Sampled("other", SHINY, rf"acoustic{NAMED}_vl(\d)_rr[1-3]", 0, FOUR),
    "shiny_electric": Sampled("other", SHINY, rf"electric{NAMED}_vl(\d)_rr[1-3]", 0, FOUR),
    "green_guitar": Sampled("other", CLUBS, r"green/ord/twang_([a-g]b?)(\d)_(p|mf|f)_rr[1-2]", -12,
                            ("p", "mf", "f")),
    "black_guitar": Sampled("other", CLUBS, r"black/ord/twang_([a-g]b?)(\d)_(p|mf|f)_rr[1-2]", -12,
                            ("p", "mf", "f")),
    "green_staccato": Sampled("other", CLUBS, r"green/stac/staccato_([a-g]b?)(\d)()_rr", -12),
    "black_staccato": Sampled("other", CLUBS, r"black/stac/staccato_([a-g]b?)(\d)()_rr", -12),
    "organ_flutes": Sampled("other", ORGAN, r"/flutes_([a-g]b?)(\d)()\.", 0, held=True),
    "organ_full": Sampled("other", ORGAN, r"/all_all_all_([a-g]b?)(\d)()\.", 0, held=True),
    "organ_reed": Sampled("other", ORGAN, r"/trompette_([a-g]b?)(\d)()\.", 0, held=True),
    "alto_sax": Sampled("other", "sfzinstruments/karoryfer.weresax",
                        r"alto/([a-g]b?)(\d)_(p|f)_rr\d_cnd", 12, ("p", "f")),
    "tuba": Sampled("other", "sfzinstruments/karoryfer.war-tuba",
                    r"/([a-g]b?)(\d)_(sus)_cnd", 12, ("sus",)),
}



@dataclass(frozen=True)
class Kit:
    """A drum kit of which each hit was recorded by several microphones, a file each.

    pattern: of a hit's files: the hit, its piece and the microphone, by name.
    pieces: General MIDI note, own microphones with place and gain, seconds.
    overhead, room: the microphones on the left and on the right.
    """

    repository: str
    pattern: str
    overhead: tuple
    room: tuple
    pieces: dict
    far: tuple = ()  # further microphones that bleed into none


SNARE, HAT = (("snare_mic", 0, 1.0),), (("snare_mic", -0.3, 0.6),)
TOM = (("front_mic", 0, 0.7), ("kick_mic", 0, 0.3))
KITS = {
    "muldjord": Kit(
        "sfzinstruments/DrumGizmo.MuldjordKit",
        r"(?P<hit>[^/]*/[^/-]*-(?P<piece>\w+))-(?P<microphone>\w+)\.flac$",
        ("OHL", "OHR"), ("AmbL", "AmbR"), {
            "KdrumR": (36, (("KdrumR", 0, 1.0),), 1.2), "KdrumL": (35, (("KdrumL", 0, 1.0),), 1.2),
            "Snare": (38, (("Snare_top", 0, 1.0), ("Snare_bottom", 0, -0.4)), 1.6),
            "SnareRest": (37, (("Snare_top", 0, 1.0),), 1.0),
            "Tom1": (48, (("Tom1", -0.5, 1.0),), 2.5), "Tom2": (47, (("Tom2", -0.1, 1.0),), 2.5),
            "Tom3": (45, (("Tom3", 0.3, 1.0),), 2.5), "Tom4": (41, (("Tom4", 0.6, 1.0),), 2.5),
            "HihatClosed": (42, (("Hihat", -0.3, 0.6),), 1.0),
            "HihatOpen": (46, (("Hihat", -0.3, 0.6),), 1.5),
            "RideR": (51, (("RideR", 0.4, 1.0),), 4.0), "RideL": (59, (("RideL", -0.4, 1.0),), 4.0),
            "RideRBell": (53, (("RideR", 0.4, 0.5),), 3.0), "CrashL": (49, (), 4.0),
            "CrashR": (57, (), 4.0), "China": (52, (), 3.0),
        }, ("Trigger",)),
    "gogodze": Kit(
        "sfzinstruments/karoryfer.gogodze-phu-vol-ii",
        r"(?P<microphone>\w+_mic)/(?P<hit>(?P<piece>[a-z]{2})_vl\d_rr\d)\.wav$",
        ("oh_mic", "side_mic"), ("wndw_mic", "retro_mic"), {
            "ks": (36, (("kick_mic", 0, 1.0),), 1.2), "sc": (38, SNARE, 1.6), "se": (40, SNARE, 1.6),
            "ss": (37, SNARE, 1.0), "th": (48, TOM, 2.5), "tm": (45, TOM, 2.5),
            "tl": (41, TOM, 2.5), "ht": (42, HAT, 1.0), "hf": (44, HAT, 1.0),
            "ho": (46, HAT, 2.0),
        }),
}
BLEED = 0.25  # of all other close microphones, in the close ones
QUIETEST = 45  # dB below a piece's loudest hit: what is below is noise
A_LAYER = 3  # hits of neighbouring loudness


def prepare(sources, output, brief=False):
    """Writes the tables of what is there; returns the names.

    brief: a third of the sound: at most two alternatives, every third semitone, three seconds."""
    names = []
    for name, instrument in INSTRUMENTS.items():
        root = sources / SOURCES[instrument.repository].folder
        if notes(root, instrument, output / instrument.stem / name, brief):
            names.append(name)
    for name, described in KITS.items():
        root = sources / SOURCES[described.repository].folder
        if kit(root, described, output / "drums" / name, brief):
            names.append(name)
    return names


def notes(root, instrument, folder, brief=False):
    """Writes one instrument's map.json and files; False where there are no samples."""
    found = {}
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".wav", ".flac")):
        match = re.search(instrument.pattern, str(path.relative_to(root.parent)))
        if match and match[3] in instrument.layers:
            note = 12 * (int(match[2]) + 1) + NOTES[match[1]] + instrument.shift
            found.setdefault(note, {}).setdefault(match[3], []).append(path)
    if brief:
        found = {n: {k: v[:2] for k, v in found[n].items()} for n in spaced(sorted(found))}
    table = {}
    for note, layers in sorted(found.items()):
        present = [n for n in instrument.layers if n in layers]
        for k, layer in enumerate(present):
            files = [f"{note}_{layer or 'one'}_{i}.flac" for i in range(len(layers[layer]))]
            for path, file in zip(layers[layer], files):
                x = prolonged(read(path), 4 if brief else 12) if instrument.held else cut(
                    trimmed(read(path)), 3.0 if brief else instrument.seconds)
                write(folder / file, x)
            table.setdefault(note, []).append({
                **velocities(k, len(present)), "root": note, "files": files,
                "gain_db": [0.0] * len(files)})
    if table:
        (folder / "map.json").write_text(json.dumps({"notes": table}))
    return bool(table)


def spaced(pitches, step=3):
    """Those of the pitches that are at least `step` semitones above the one before."""
    kept = pitches[:1]
    for pitch in pitches[1:]:
        if pitch - kept[-1] >= step:
            kept.append(pitch)
    return kept


def velocities(index, count):
    """The share of the velocities 1 to 127 of layer `index` of `count`."""
    edges = np.linspace(1, 128, count + 1).astype(int)
    return {"lovel": int(edges[index]), "hivel": int(edges[index + 1]) - 1}


def trimmed(x, share=0.03, before=0.002):
    """Without the silence before the first sample above a share of the peak."""
    level = np.abs(x).max(1)
    return x[max(0, int(np.argmax(level > share * level.max())) - int(before * SAMPLE_RATE)):]


def cut(x, seconds):
    """The beginning, faded out over the last tenth where there was more."""
    count = int(seconds * SAMPLE_RATE)
    if len(x) <= count:
        return x
    x = x[:count].copy()
    fade = np.linspace(1, 0, count // 10, dtype=np.float32)[:, None]
    x[-len(fade):] *= fade
    return x


def prolonged(x, seconds=12, blend=0.1):
    """A steady sound made longer: its middle again and again, blended."""
    count, overlap = int(seconds * SAMPLE_RATE), int(blend * SAMPLE_RATE)
    middle = x[int(len(x) * 0.3):int(len(x) * 0.85)]
    out = x[:int(len(x) * 0.85)]
    rise = np.sqrt(np.linspace(0, 1, overlap, dtype=np.float32))[:, None]
    while len(out) < count and len(middle) > 2 * overlap:
        joint = out[-overlap:] * rise[::-1] + middle[:overlap] * rise
        out = np.concatenate([out[:-overlap], joint, middle[overlap:]])
    return out


def write(path, x):
    """FLAC, mono where both sides are the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    peak = np.abs(x).max() if len(x) else 0
    x = x * min(1.0, LARGEST_PEAK / max(peak, 1e-9))
    soundfile.write(path, x[:, :1] if np.array_equal(x[:, 0], x[:, 1]) else x, SAMPLE_RATE,
                    subtype="PCM_16")


def kit(root, described, folder, brief=False):
    """Writes a drum kit's kit.json and files; False where there are no samples."""
    files = {}
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".wav", ".flac")):
        match = re.search(described.pattern, path.relative_to(root).as_posix())
        if match:
            hits = files.setdefault(match["piece"], {})
            hits.setdefault(match["hit"], {})[match["microphone"]] = path
    table = {}
    for piece, (note, own, seconds) in described.pieces.items():
        seconds = min(seconds, 2.5) if brief else seconds
        hits = [hit(microphones, described, own, seconds)
                for microphones in files.get(piece, {}).values()]
        hits.sort(key=lambda h: h["level"])
        hits = [h for h in hits if h["level"] > hits[-1]["level"] - QUIETEST]
        groups = [hits[i:i + A_LAYER] for i in range(0, len(hits), A_LAYER)]
        groups = [group[:2] for group in groups] if brief else groups
        for k, group in enumerate(groups):
            layer = {**velocities(k, len(groups)), "transpose": 0, "gain_db": [0.0] * len(group),
                     "files": [], "overhead": [], "room": []}
            for i, sounds in enumerate(group):
                for part, key in (("close", "files"), ("overhead", "overhead"), ("room", "room")):
                    file = f"{piece}_{k}_{i}_{part}.flac"
                    write(folder / file, sounds[part])
                    layer[key].append(file)
            table.setdefault(note, []).append(layer)
    if table:
        (folder / "kit.json").write_text(json.dumps({"notes": table}))
    return bool(table)


def hit(microphones, described, own, seconds):
    """One hit as close, overhead and room sound, and its level in dB."""
    sounds = {name: cut(read(path), seconds) for name, path in microphones.items()}
    length = max(len(x) for x in sounds.values())
    sounds = {k: np.pad(x, ((0, length - len(x)), (0, 0))) for k, x in sounds.items()}
    close = np.zeros((length, 2), np.float32)
    for microphone, place, gain in own:
        if microphone in sounds:
            close += pan(sounds[microphone], place) * np.float32(gain / np.sqrt(2))
    far = (*described.overhead, *described.room, *described.far)
    others = [x for m, x in sounds.items() if m not in far and m not in {o[0] for o in own}]
    out = {"close": close + BLEED * sum(others, np.zeros((length, 2), np.float32))}
    for part, sides in (("overhead", described.overhead), ("room", described.room)):
        out[part] = np.stack([sounds[s][:, 0] if s in sounds else np.zeros(length, np.float32)
                              for s in sides], 1)
    out = {k: x.astype(np.float32) for k, x in out.items()}
    loudest = max(np.abs(x).max() for x in out.values())
    return {**out, "level": 20 * np.log10(loudest + 1e-9)}
