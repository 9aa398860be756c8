import numpy as np
import soundfile

from unbraid_training import SAMPLE_RATE, found, instruments, played

OPEN = ("CC0", "CC BY", "MIT", "BSD", "Unlicense", "ODC-By", "public domain")


def write(path, x, rate=SAMPLE_RATE):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, x, rate, format="WAV", subtype="FLOAT")


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
    used = {p[0] for p in found.PARTS.values()}
    used |= {p[0] for p in played.PLAYED} | set(found.BACKING)
    used |= {i.repository for i in instruments.INSTRUMENTS.values()}
    assert used | {k.repository for k in instruments.KITS.values()} == set(found.SOURCES)
    for source in found.SOURCES.values():
        assert source.licence.startswith(OPEN)
        assert not any(word in source.licence for word in ("NC", "SA", "GPL", "ND"))
        assert len(source.commit) == 40 and source.attribution
    assert found.attribution().count("\n") == len(found.SOURCES) - 1
