import numpy as np
import torch

from unbraid_training import STEMS
from unbraid_training.mixing import Mixer


def test_stems_of_a_song_stay_aligned_to_the_sample(pools):
    mixer = Mixer(pools, 16, 3)
    for name in mixer.pools.names["drums"]:
        for rate in (1.0, 0.9993, 0.93, 1.11):
            drums = mixer.pools.crop("drums", name, 1234, rate, mixer.count)
            bass = mixer.pools.crop("bass", name, 1234, rate, mixer.count)
            assert np.abs(bass - 2 * drums).max() < 4 / 32768


def test_examples_have_their_length_and_differ(pools):
    mixer = Mixer(pools, 16, 3)
    sound, gains = mixer.batch(3)
    assert sound.shape == (3, 4, 2, mixer.count)
    assert gains.shape == (3, 4, 2049)
    assert torch.isfinite(sound).all()
    assert not torch.equal(sound[0], sound[1])


def test_the_same_seed_gives_the_same_examples(pools):
    first, second = (Mixer(pools, 16, [7, 1]).batch(2)[0] for _ in range(2))
    assert torch.equal(first, second)


def test_a_common_gain_curve_keeps_the_sum(pools):
    """The bus compressor and the level are one curve for all stems: ratios of stems are constant
    where the raw stems are multiples of each other."""
    mixer = Mixer(pools, 64, 3)
    for _ in range(12):
        stems, _ = mixer.example()
        assert stems.shape == (len(STEMS), mixer.count, 2)
        assert np.isfinite(stems).all()
        assert np.sqrt(np.mean(np.square(stems.sum(0)))) < 1.0
