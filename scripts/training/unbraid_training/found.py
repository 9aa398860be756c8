"""Sound from public repositories beside the corpus: real performances, songs without a voice.

The repositories lie in one folder, each checked out at the commit of the table as `owner+name`.
What is missing there is left out. The sampled instruments of the table are prepared by
`instruments.py`.
"""

from dataclasses import dataclass

from . import SAMPLE_RATE, effects
from .render import LEVEL, store
from .samples import read


@dataclass(frozen=True)
class Source:
    """A repository whose licence was read in its own files (`stated` says where)."""

    repository: str
    commit: str
    licence: str
    stated: str
    attribution: str
    used_for: str

    @property
    def folder(self):
        return self.repository.replace("/", "+")


SOURCES = {s.repository: s for s in (
    Source("librosa/data", "450cdd8a002c98e7bdbfebb309fc1ed024001f77",
           "CC BY 3.0, one public domain", "audio/*.txt, one a recording",
           "\"Vibe Ace\" and \"Dance of the Sugar Plum Fairy\" by Kevin MacLeod, trumpet loops by "
           "Mihai Sorohan, CC BY 3.0; Hungarian Dance 5 by the US Army Strings, public domain",
           "other, songs without a voice"),
    Source("tannerhelland/free-music", "f6bfe16f49feab2181075ab86b13b24740592aa6",
           "CC BY 4.0", "LICENSE.md, README.md",
           "Music by Tanner Helland (github.com/tannerhelland/free-music)",
           "songs without a voice"),
    Source("petegordon/Tandemonium", "99579f44fa2d95759d5a7d3b2c88a1c603e3d4b4", "CC BY 4.0",
           "assets/README.md", "\"Krampus Workshop\" and \"Gold Rush\" by Kevin MacLeod "
           "(incompetech.com), CC BY 4.0", "songs without a voice"),
    Source("sfzinstruments/DrumGizmo.MuldjordKit", "fc165714974aa843125ce88597f341b31376e1d5",
           "CC BY 4.0", "LICENSE, README.md",
           "MuldjordKit, Lars Muldjord and the DrumGizmo team, mapped by kinwie", "drum kit"),
    Source("sfzinstruments/karoryfer.swagbass", "9d10fcae71af1975988ddecd5af1c95d372c7355",
           "CC0 1.0", "LICENSE", "Swagbass, Karoryfer Lecolds", "bass"),
    Source("sfzinstruments/karoryfer.pastabass", "90135cd026db5d4fa0fe538240b4203f085f5244",
           "CC0 1.0", "LICENSE", "Pastabass, Karoryfer Samples and spacecoyote", "bass"),
    Source("sfzinstruments/karoryfer.fashionbass", "0703973b300a6bacb837602be9b588ab64732a72",
           "CC0 1.0", "LICENSE", "Fashionbass, Karoryfer Samples", "bass"),
    Source("sfzinstruments/karoryfer.gogodze-phu-vol-ii",
           "69a0274cdc39c99c3098cde1bc3789690de86d62", "CC0 1.0", "LICENSE",
           "Gogodze Phu Vol II, Karoryfer Samples", "drum kit"),
    Source("sfzinstruments/dsmolken.double-bass", "c2985eb647109d2a8f30a70071e3e163339d7396",
           "CC0 1.0", "LICENSE", "Double bass, D. Smolken", "bass"),
    Source("sfzinstruments/karoryfer.shinyguitar", "57243cca85277dbcc120ce17c6178032f93c80f3",
           "CC0 1.0", "LICENSE", "Shinyguitar, Karoryfer Lecolds", "guitars"),
    Source("kmturley/karoryfer.black-and-green-guitars",
           "f370da48d37869ed4d1b268fdb221547ac28919f", "CC0 1.0", "LICENSE",
           "Black And Green Guitars, Brian Wood and Karoryfer Lecolds", "guitars"),
    Source("sfzinstruments/karoryfer.caveman-cosmonaut",
           "9de9bcfcbc6d2b20bea5c1116cd07a310febc339", "CC0 1.0", "LICENSE",
           "Caveman Cosmonaut, Karoryfer Lecolds", "organ"),
    Source("sfzinstruments/karoryfer.weresax", "595d1fc1044edf6260d44b8215b723a3fbdd1802",
           "CC0 1.0", "LICENSE", "Weresax, Karoryfer Lecolds", "saxophone"),
    Source("andremichelle/neural-amp-modeler-wasm", "7f151923d72ff14a0481115ceabf7f60c81a2934",
           "MIT", "LICENSE, ui/README.md", "Guitar and bass recordings of TONE3000 and its "
           "contributors (pipppriss, Lunar and Metalcore by Aditya Mhatre, and others), "
           "Copyright (c) 2023 Steven Atkinson", "guitars, bass, as played"),
    Source("jatinchowdhury18/KlonCentaur", "f3bb633a593b6fbb22a44c1ef9d1dbedbfe92d5b",
           "BSD 3-clause", "LICENSE, README.md", "Guitar recordings of KlonCentaur, "
           "Copyright (c) 2020 Jatin Chowdhury", "guitars, as played"),
    Source("Kutalia/neural-amp-modeler-react", "61e9b70778284cc01e34efd371b297f62e556459",
           "MIT", "LICENSE", "Drop D riff, Copyright (c) 2024 Kote Kutalia", "guitars, as played"),
    Source("sdatkinson/NeuralAmpModelerPlugin", "feb4f8c4fcf4a98be021de1d06cc816642899e50",
           "MIT", "LICENSE", "Guitar DI, Copyright (c) 2022 Steven Atkinson", "guitars, as played"),
    Source("sfzinstruments/karoryfer.war-tuba", "5b62dd6ef6b00281bb734769e44a63f5e013018a",
           "CC0 1.0", "LICENSE", "War Tuba, Jakub Lewicki and Karoryfer Lecolds", "brass"),
)}

PARTS = {  # real performances alone: stem and file
    "trumpet": ("librosa/data", "other", "audio/sorohanro_-_solo-trumpet-06.hq.ogg"),
}
# Songs without a voice of which only the sum is known. Of Tanner Helland's, those whose MIDI files
# name a choir, and arrangements of other people's tunes, are left out.
BACKING = {
    "librosa/data": (
        "audio/Kevin_MacLeod_-_Vibe_Ace.hq.ogg",
        "audio/Kevin_MacLeod_-_P_I_Tchaikovsky_Dance_of_the_Sugar_Plum_Fairy.hq.ogg",
        "audio/Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor_(string_orchestra).hq.ogg"),
    "tannerhelland/free-music": (
        "ogg/A Memory Away.ogg", "mp3/Fate.mp3", "mp3/Find You (march remix).mp3",
        "mp3/Find You.mp3", "mp3/Home.mp3", "mp3/Honky-Tonk Villain.mp3", "mp3/Nevermore.mp3",
        "mp3/Ominosity.mp3", "mp3/Purgatory's Mansion.mp3", "mp3/Reign of Anarchy.mp3",
        "mp3/Remember.mp3", "mp3/Surreptitious.mp3", "ogg/The Forest Awakes.ogg",
        "mp3/The Haunting.mp3", "mp3/The Journey (Kroc's Theme).mp3", "mp3/Unknown.mp3"),
    "petegordon/Tandemonium": ("assets/Krampus Workshop.mp3", "assets/Gold Rush.mp3"),
}


def found(sources, folder):
    """Writes what is there to the pools; returns minutes by stem."""
    minutes = {}

    def keep(stem, name, x):
        store(folder, stem, name, x)
        minutes[stem] = minutes.get(stem, 0) + len(x) / SAMPLE_RATE / 60

    def place(repository):
        return sources / SOURCES[repository].folder

    for name, (repository, stem, file) in PARTS.items():
        if (place(repository) / file).exists():
            keep(stem, f"real_{name}", effects.normalise(read(place(repository) / file), LEVEL))
    for repository, files in BACKING.items():
        for file in files:
            path = place(repository) / file
            if path.exists():
                name = "".join(c for c in path.stem.lower() if c.isalnum())
                keep("backing", f"found_{name}", effects.normalise(read(path), LEVEL))
    return minutes


def files(sources):
    """The sound files of performances and songs without a voice that are there."""
    names = [(r, f) for r, _, f in PARTS.values()]
    names += [(r, f) for r, group in BACKING.items() for f in group]
    paths = [sources / SOURCES[r].folder / f for r, f in names]
    return [p for p in paths if p.exists()]


def attribution():
    """The sources as rows of a Markdown table: source, licence, what it is used for."""
    return "\n".join(f"| {s.attribution} ({s.repository}) | {s.licence} | {s.used_for} |"
                     for s in SOURCES.values())
