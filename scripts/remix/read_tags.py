"""Reads the tags of sound files with mutagen and wavinfo and prints them as JSON.

    python read_tags.py FILE

`tags` has the fields under the names that the tests use; `bext` and `cues` are those of a WAV file.
"""

import json
import sys

import mutagen
from mutagen.aiff import AIFF
from mutagen.mp3 import MP3
from wavinfo import WavInfoReader

ID3 = {"TIT2": "title", "TPE1": "artist", "TALB": "album", "TRCK": "track", "TDRC": "date",
       "TCON": "genre", "TCOP": "copyright", "TXXX:LICENSE": "license"}
VORBIS = {name: name for name in
          ("title", "artist", "album", "date", "genre", "comment", "copyright", "license")}
VORBIS["tracknumber"] = "track"
VORBIS["description"] = "comment"
INFO = {"title": "title", "artist": "artist", "product": "album", "created_date": "date",
        "genre": "genre", "comment": "comment", "copyright": "copyright"}


def wav(path):
    info = WavInfoReader(path, info_encoding="utf-8", bext_encoding="utf-8")
    found = {"tags": {}}
    if info.info is not None:
        for name, field in INFO.items():
            value = getattr(info.info, name, None)
            if value:
                found["tags"][field] = value.rstrip("\0")
    if info.bext is not None:
        bext = info.bext
        found["bext"] = {
            "originator": bext.originator, "description": bext.description,
            "time_reference": bext.time_reference, "coding_history": bext.coding_history,
            "originator_date": bext.originator_date, "version": bext.version,
        }
    if info.cues is not None:
        found["cues"] = [
            {"position": cue.sample_offset,
             "label": next((label.text for label in info.cues.labels if label.name == cue.name), "")}
            for cue in info.cues.cues
        ]
    return found


def tagged(path):
    if path.endswith((".mp3", ".aiff")):
        tags = (MP3 if path.endswith(".mp3") else AIFF)(path).tags
        found = {field: str(tags[frame]) for frame, field in ID3.items() if frame in tags}
        comments = tags.getall("COMM")
        if comments:
            found["comment"] = str(comments[0])
        return {"tags": found}
    tags = mutagen.File(path).tags
    return {"tags": {field: tags[name][0] for name, field in VORBIS.items() if name in tags}}


path = sys.argv[1]
json.dump(wav(path) if path.endswith(".wav") else tagged(path), sys.stdout)
