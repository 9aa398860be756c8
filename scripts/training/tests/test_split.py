import csv

from unbraid_training.render import TRAIN_SONGS, VALIDATION_SONGS
from unbraid_training.voices import catalogue


def test_no_validation_voice_is_among_the_training_voices(corpus):
    with open(corpus / "manifest.csv", newline="") as table:
        held_out = {str(corpus / r["path"]) for r in csv.DictReader(table)
                    if r["split"] == "validation"}
    used = {p for group in catalogue(corpus, "train").values() for p in group}
    assert used and held_out
    assert not used & held_out


def test_no_validation_song_is_a_training_song(corpus):
    with open(corpus / "manifest.csv", newline="") as table:
        rows = [r for r in csv.DictReader(table) if r["path"].startswith("songs/")]
    split = {r["path"].split("/")[1]: r["split"] for r in rows}
    assert all(split[s] == "train" for s in TRAIN_SONGS)
    assert all(split[s] == "validation" for s in VALIDATION_SONGS)
    assert set(TRAIN_SONGS) | set(VALIDATION_SONGS) == set(split)
