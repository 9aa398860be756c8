import numpy as np

from unbraid_training import SAMPLE_RATE
from unbraid_training.listen import BINS, balance, facts, whole


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


def test_balance_is_each_stems_share_of_the_mixture():
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    pitches, sizes = (90.0, 180.0, 1000.0, 4000.0), (0.2, 0.1, 0.1, 0.0)
    stems = np.stack([np.repeat((a * np.sin(2 * np.pi * f * time))[:, None], 2, 1)
                      for a, f in zip(sizes, pitches)]).astype(np.float32)
    everything, lows = balance(stems)
    assert np.abs(everything[:3] - 10 * np.log10([4 / 6, 1 / 6, 1 / 6])).max() < 0.05
    assert np.abs(lows[:2] - 10 * np.log10([4 / 5, 1 / 5])).max() < 0.05 and lows[2] < -60
    assert everything[3] == -np.inf and whole([balance(stems)]) == []
    gains = np.ones((4, 2049))
    gains[0] = 0.5
    assert np.abs(balance(stems, gains)[0][:3] - 10 * np.log10(1 / 3)).max() < 0.05
