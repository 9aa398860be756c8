import io
import tarfile

import numpy as np
import soundfile

from unbraid_training import found
from unbraid_training.pack import encode, pack
from unbraid_training.samples import read


def whole_spectrum_noise(seconds, channels):
    rng = np.random.default_rng(1)
    return rng.normal(0, 0.1, (seconds * 44100, channels)).astype(np.float32)


def test_minutes_of_sound_are_coded_whole(tmp_path):
    x = whole_spectrum_noise(20, 2)
    soundfile.write(tmp_path / "x.wav", x, 44100, subtype="FLOAT")
    data = encode(tmp_path / "x.wav", 40)
    decoded, rate = soundfile.read(io.BytesIO(data))
    assert rate == 48000 and decoded.shape == (20 * 48000, 2)
    assert 0.7 < len(data) * 8 / 20 / 40_000 < 1.3


def test_packed_sounds_stay_on_their_samples(tmp_path):
    """Stems of a song must stay aligned: a click is where it was, within half a millisecond."""
    x = np.zeros((3 * 44100, 1), np.float32)
    x[66150:66170] = 0.8
    soundfile.write(tmp_path / "x.wav", x, 44100, subtype="FLOAT")
    (tmp_path / "y.ogg").write_bytes(encode(tmp_path / "x.wav", 64))
    y = read(tmp_path / "y.ogg")
    assert y.shape == (len(x), 2)
    assert abs(int(np.abs(y[:, 0]).argmax()) - 66160) < 22


def test_a_pack_holds_the_training_part_only(tmp_path):
    corpus = tmp_path / "corpus"
    (corpus / "vocals").mkdir(parents=True)
    (corpus / "midi").mkdir()
    (corpus / "midi" / "tune.json").write_text("{}")
    for name in ("kept", "aside"):
        soundfile.write(corpus / "vocals" / f"{name}.ogg", whole_spectrum_noise(1, 1), 44100)
    (corpus / "manifest.csv").write_text(
        "path,split\nvocals/kept.ogg,train\nvocals/aside.ogg,validation\n")
    assert pack(corpus, tmp_path / "x.tar") == (tmp_path / "x.tar").stat().st_size
    with tarfile.open(tmp_path / "x.tar") as archive:
        assert set(archive.getnames()) == {"vocals/kept.ogg", "manifest.csv", "midi/tune.json"}
        assert "aside" not in archive.extractfile("manifest.csv").read().decode()


def test_prepared_instruments_and_found_songs_are_packed_where_they_are_looked_for(tmp_path):
    corpus, instruments = tmp_path / "corpus", tmp_path / "prepared"
    repository, stem, file = found.PARTS["trumpet"]
    song = tmp_path / "checkouts" / found.SOURCES[repository].folder / file
    for folder in (corpus / "midi", instruments / "bass" / "swagbass", song.parent):
        folder.mkdir(parents=True)
    (corpus / "manifest.csv").write_text("path,split\nvocals/none.ogg,train\n")
    (instruments / "bass" / "swagbass" / "map.json").write_text("{}")
    soundfile.write(instruments / "bass" / "swagbass" / "a.flac", whole_spectrum_noise(1, 1), 44100)
    soundfile.write(song, whole_spectrum_noise(1, 1), 44100)
    pack(corpus, tmp_path / "x.tar", instruments=instruments, sources=tmp_path / "checkouts")
    with tarfile.open(tmp_path / "x.tar") as archive:
        archive.extractall(tmp_path / "there", filter="data")
    assert read(tmp_path / "there" / "instruments" / "bass" / "swagbass" / "a.flac").shape == (44100, 2)
    assert (tmp_path / "there" / "instruments" / "bass" / "swagbass" / "map.json").exists()
    assert found.found(tmp_path / "there" / "sources", tmp_path / "pools").keys() == {stem}
