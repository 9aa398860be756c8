import numpy as np
import pytest
import soundfile

from unbraid_training import SAMPLE_RATE, instruments
from unbraid_training.effects import level
from unbraid_training.found import SOURCES
from unbraid_training.parts import double_tracked, tables


def tone(frequency, seconds, gain):
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return gain * np.sin(2 * np.pi * frequency * time)


def write(path, x):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, x, SAMPLE_RATE)


@pytest.fixture
def bass(tmp_path):
    """An instrument of which one note is there, A1 (55 Hz, named a2), soft and loud."""
    root = tmp_path / SOURCES["sfzinstruments/karoryfer.swagbass"].folder / "notes"
    silence = np.zeros(SAMPLE_RATE // 50)
    for layer, gain in (("p", 0.05), ("f", 0.2), ("fff", 0.8)):
        for alternative in (1, 2):
            write(root / f"a2_{layer}_rr{alternative}.wav",
                  np.concatenate([silence, tone(55, 1.5, gain)]))
    assert instruments.prepare(tmp_path, tmp_path / "out") == ["swagbass"]
    return tables(tmp_path / "out" / "bass", "map.json")["swagbass"]


@pytest.mark.parametrize("pitch, frequency", [(33, 55.0), (40, 55 * 2 ** (7 / 12))])
def test_a_note_sounds_at_its_pitch(bass, pitch, frequency):
    x = bass.play([(0, 1, pitch, 100)], 1.2, np.random.default_rng(1))[:SAMPLE_RATE, 0]
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)), 8 * len(x)))
    assert abs(np.argmax(spectrum) / 8 - frequency) < 0.5


def test_loud_notes_take_the_loud_samples_and_start_at_once(bass):
    rng = np.random.default_rng(1)
    levels = np.array([level(bass.play([(0, 1, 33, v)], 1.1, rng)) / (v / 110) ** 0.8
                       for v in (20, 64, 120)])
    assert np.allclose(levels / levels[0], [1, 4, 16], rtol=0.02)
    x = np.abs(bass.play([(0, 1, 33, 120)], 1.1, rng))[:, 0]
    assert np.argmax(x > 0.1) < 0.006 * SAMPLE_RATE


def test_the_brief_form_keeps_every_third_semitone():
    assert instruments.spaced([40, 41, 42, 43, 45, 46, 60]) == [40, 43, 46, 60]


def test_a_hit_of_the_kit_is_the_sum_of_its_microphones(tmp_path):
    samples = tmp_path / SOURCES[instruments.KITS["muldjord"].repository].folder / "Samples" / "KdrumR"
    microphones = {"KdrumR": 100, "OHL": 200, "OHR": 300, "AmbL": 400, "AmbR": 500, "Snare_top": 600}
    for index, gain in enumerate((0.0001, 0.02, 0.05, 0.1, 0.4, 0.5), 1):
        for name, frequency in microphones.items():
            write(samples / f"{index}-KdrumR-{name}.flac", tone(frequency, 1, gain))
    assert instruments.prepare(tmp_path, tmp_path / "out") == ["muldjord"]
    kit = tables(tmp_path / "out" / "drums", "kit.json")["muldjord"]
    assert len(kit.notes[36]) == 2  # the hit that is only noise is left out
    rng = np.random.default_rng(2)
    x = kit.strike(36, 127, rng, (1, 0.5, 0))
    left, right = (np.abs(np.fft.rfft(x[:, side]))[[100, 200, 300, 400, 500, 600]] for side in (0, 1))
    close = left[0]
    assert np.allclose(left / close, [1, 0.5 * 2**0.5, 0, 0, 0, 0.25 * 2**0.5], atol=0.02)
    assert np.allclose(right / close, [1, 0, 0.5 * 2**0.5, 0, 0, 0.25 * 2**0.5], atol=0.02)
    assert level(kit.strike(36, 127, rng)) > 4 * level(kit.strike(36, 1, rng))
    assert kit.strike(38, 100, rng) is None


def test_a_kit_with_a_folder_for_each_microphone_is_found_too(tmp_path):
    root = tmp_path / SOURCES[instruments.KITS["gogodze"].repository].folder / "Samples"
    for layer, gain in enumerate((0.1, 0.3, 0.5, 0.6), 1):
        for name, frequency in (("kick_mic", 100), ("oh_mic", 200), ("wndw_mic", 300)):
            write(root / name / f"ks_vl{layer}_rr1.wav", tone(frequency, 1, gain))
    assert instruments.prepare(tmp_path, tmp_path / "out") == ["gogodze"]
    kit = tables(tmp_path / "out" / "drums", "kit.json")["gogodze"]
    assert list(kit.notes) == [36] and len(kit.notes[36]) == 2
    spectrum = np.abs(np.fft.rfft(kit.strike(36, 127, np.random.default_rng(2), (1, 0, 0))[:, 0]))
    assert spectrum[100] > 20 * spectrum[200] and spectrum[100] > 20 * spectrum[300]


def test_a_held_sound_is_prolonged_without_a_gap():
    x = np.repeat(tone(220, 2, 0.5)[:, None], 2, 1).astype(np.float32)
    longer = instruments.prolonged(x)
    blocks = np.sqrt((longer[: 12 * SAMPLE_RATE].reshape(-1, SAMPLE_RATE // 10, 2) ** 2).mean((1, 2)))
    assert len(longer) >= 12 * SAMPLE_RATE
    assert blocks.min() > 0.05


def test_two_takes_of_a_part_lie_left_and_right_and_differ(bass):
    notes = [(0.1 + 0.4 * i, 0.3, 33, 100) for i in range(4)]
    x = double_tracked(bass, notes, 2, 26, np.random.default_rng(3))
    left, right = x.T
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.98
    assert 0.5 < np.std(left) / np.std(right) < 2
