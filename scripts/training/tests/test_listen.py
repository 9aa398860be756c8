import numpy as np

from unbraid_training import SAMPLE_RATE
from unbraid_training.listen import BINS, facts


def clicks_and_tone(rate, pitch):
    """Ten seconds of `rate` decaying noises a second over a steady quiet tone."""
    rng = np.random.default_rng(4)
    time = np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE
    x = 0.02 * np.sin(2 * np.pi * pitch * time)
    x += 0.3 * rng.normal(size=len(time)) * np.exp(-((time * rate) % 1) / rate / 0.02)
    return np.repeat(x[:, None], 2, 1).astype(np.float32)


def test_onsets_a_second_are_counted():
    for rate in (1, 2, 4):
        assert abs(facts(clicks_and_tone(rate, 100.0))["onsets"] - rate) <= 0.25


def test_energy_lies_in_the_octave_of_a_tone_and_level_is_its_rms():
    time = np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE
    x = np.repeat((0.1 * np.sin(2 * np.pi * 180 * time))[:, None], 2, 1).astype(np.float32)
    found = facts(x)
    assert found["bands"].argmax() == 2 and found["bands"][2] > 0.99
    assert abs(found["level"] - 20 * np.log10(0.1 / np.sqrt(2))) < 0.01
    assert abs(found["crest"] - 3.01) < 0.05
    gains = np.ones(2049)
    gains[:BINS[3]] = 0
    assert facts(x, gains)["bands"][2] == 0
    assert facts(0 * x) is None
