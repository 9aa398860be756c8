import numpy as np
import soundfile
import torch

from unbraid_training import SAMPLE_RATE, export, played
from unbraid_training.net import Separator
from unbraid_training.played import TAKES, drifting, files
from unbraid_training.samples import read
from unbraid_training.taught import taught


def note(pitch, seconds=4.0):
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.3 * np.sin(2 * np.pi * pitch * time) * np.exp(-(time % 0.5) * 6)).astype(np.float32)


def sources(folder):
    inputs = folder / "andremichelle+neural-amp-modeler-wasm" / "ui" / "public" / "inputs"
    pieces = folder / "jatinchowdhury18+KlonCentaur" / "GainStageTraining" / "DataIn"
    for place in (inputs, pieces):
        place.mkdir(parents=True)
    soundfile.write(inputs / "Some - Bass.wav", note(60), SAMPLE_RATE)
    soundfile.write(inputs / "Decapitated - Guitar.wav", note(200), SAMPLE_RATE)
    for number in (0, 2, 10):  # 10 comes after 2, not before
        soundfile.write(pieces / f"sample{number}.wav", np.full(100, number / 100), SAMPLE_RATE)
    return folder


def test_pieces_are_joined_in_the_order_of_their_numbers(tmp_path):
    found = {name: np.concatenate([read(p) for p in paths])
             for _, name, paths in files(sources(tmp_path))}
    assert sorted(found) == ["kloncentaur", "somebass"]  # and not what quotes a band
    assert np.abs(found["kloncentaur"][::100, 0] - [0, 0.02, 0.1]).max() < 1e-3


def test_every_take_is_another_sound_of_the_same_playing(tmp_path):
    minutes = played.played(sources(tmp_path / "sources"), tmp_path / "pools")
    takes = [np.load(p) / 32767 for p in sorted((tmp_path / "pools" / "bass").glob("*.npy"))]
    assert len(takes) == TAKES["bass"] and minutes["bass"] > 0
    assert all(0.01 < np.sqrt(np.mean(x**2)) < 0.2 for x in takes)
    assert len({len(x) for x in takes}) == len(takes)  # other pitches, other lengths


def test_a_second_take_comes_4_to_24_ms_later():
    clicks = np.zeros((4 * SAMPLE_RATE, 2))
    clicks[SAMPLE_RATE // 2::SAMPLE_RATE // 2] = 1
    moved = drifting(clicks, np.random.default_rng(1))
    late = [np.argmax(moved[at:at + 2000, 0]) for at in range(SAMPLE_RATE // 2, len(clicks),
                                                             SAMPLE_RATE // 2)]
    assert moved.shape == clicks.shape and min(late) > 170 and max(late) < 1060
    assert max(late) - min(late) > 50  # it drifts


def test_taught_songs_are_their_guitar_and_their_rest(tmp_path):
    torch.manual_seed(4)
    net = Separator().train()
    with torch.no_grad():
        net(torch.randn(1, 4, 32, 2048), torch.randn(1, 4, 32, 768))
    export.write(net.eval(), tmp_path / "model", "a test",
                 {"frames": 32, "context": 8, "crossfade": 4})
    song = tmp_path / "corpus" / "guitar-songs" / "some"
    song.mkdir(parents=True)
    guitar, rest = note(200), note(50)
    for name, x in (("guitar", guitar), ("song", rest)):
        soundfile.write(song / f"{name}.ogg", np.stack([x, x], 1), SAMPLE_RATE)
    taught(tmp_path / "corpus", tmp_path / "model", tmp_path / "pools")
    found = {p.parent.name: np.load(p) for p in tmp_path.glob("pools/*/taught_some.npy")}
    assert sorted(found) == ["bass", "drums", "other"]
    mixture = soundfile.read(song / "guitar.ogg")[0] + soundfile.read(song / "song.ogg")[0]
    total = sum(x / 32767 for x in found.values())
    gain = np.sum(total * mixture) / np.sum(mixture**2)
    assert np.abs(total - gain * mixture).max() < 0.01 * np.abs(total).max()
