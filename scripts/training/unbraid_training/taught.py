"""Songs whose guitar is known and whose rest a net takes apart, as songs of the pools.

Without its guitar a rock song is easier than with it: what the net finds in the rest are drums, bass and
other of the song, and the guitar, added to other, makes it hard again. Real basses beside real
guitars are rare among openly licensed stems; these teach what a low guitar is.
"""

from pathlib import Path

from . import STEMS
from .render import store_song
from .samples import read
from .separate import SegmentedNet, separate


def taught(corpus, model, folder):
    """Writes drums, bass and other of the guitar songs, by the net of a model folder; what it takes
    for singing, where nobody sings, is other's."""
    net = SegmentedNet.of_folder(model)
    for path in sorted((Path(corpus) / "guitar-songs").glob("*/guitar.ogg")):
        guitar, rest = read(path), read(path.with_name("song.ogg"))
        count = min(len(guitar), len(rest))
        stems = dict(zip(STEMS, separate(net, rest[:count])))
        stems["other"] += stems.pop("vocals") + guitar[:count]
        store_song(folder, f"taught_{path.parent.name}", stems)
