import numpy as np
import soundfile

from unbraid_training import SAMPLE_RATE, found, instruments
from unbraid_training.mixing import Mixer

OPEN = ("CC0", "CC BY", "MIT", "BSD", "Unlicense", "ODC-By", "public domain")


def write(path, x, rate=SAMPLE_RATE):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, x, rate, format="WAV", subtype="FLOAT")


def test_the_files_of_a_song_become_aligned_pools_in_one_gain(tmp_path):
    rng = np.random.default_rng(8)
    noise = rng.normal(0, 0.01, (3 * SAMPLE_RATE, 2))
    repository, stems = found.SONGS["multitrack"]
    for stem, files in stems.items():
        for file in files:
            write(tmp_path / repository.replace("/", "+") / file, noise)
    short = tmp_path / repository.replace("/", "+") / stems["bass"][0]
    write(short, noise[: 2 * SAMPLE_RATE])
    minutes = found.found(tmp_path, tmp_path / "pools")
    assert set(minutes) == {"drums", "bass", "other"}
    files = Mixer(tmp_path / "pools", 16, 1).pools.files
    drums, bass, other = (files[s]["real_multitrack"].astype(np.int32)
                          for s in ("drums", "bass", "other"))
    assert bass.shape == drums.shape == other.shape == (3 * SAMPLE_RATE, 2)
    assert np.abs(other - 3 * drums).max() <= 3
    assert np.abs(bass[: 2 * SAMPLE_RATE] - drums[: 2 * SAMPLE_RATE]).max() <= 2
    assert not bass[2 * SAMPLE_RATE:].any()


def test_songs_without_a_voice_are_brought_to_the_rate_and_the_level_of_the_pools(tmp_path):
    repository = "tannerhelland/free-music"
    time = np.arange(2 * 22050) / 22050
    write(tmp_path / repository.replace("/", "+") / found.BACKING[repository][0],
          0.5 * np.sin(2 * np.pi * 440 * time), 22050)
    found.found(tmp_path, tmp_path / "pools")
    x = np.load(tmp_path / "pools" / "backing" / "found_amemoryaway.npy") / 32767
    assert x.shape == (2 * SAMPLE_RATE, 2)
    assert abs(np.sqrt((x**2).mean()) - found.LEVEL) < 0.005
    spectrum = np.abs(np.fft.rfft(x[:, 0]))
    assert np.argmax(spectrum) == 880  # two seconds of 440 Hz


def test_every_source_is_openly_licensed_and_used():
    used = {r for r, _ in found.SONGS.values()} | {p[0] for p in found.PARTS.values()}
    used |= set(found.BACKING) | {i.repository for i in instruments.INSTRUMENTS.values()}
    assert used | {instruments.KIT} == set(found.SOURCES)
    for source in found.SOURCES.values():
        assert source.licence.startswith(OPEN)
        assert not any(word in source.licence for word in ("NC", "SA", "GPL", "ND"))
        assert len(source.commit) == 40 and source.attribution
    assert found.attribution().count("\n") == len(found.SOURCES) - 1
