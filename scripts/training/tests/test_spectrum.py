import numpy as np
import torch
from scipy import signal

from unbraid_training import FFT_SIZE, FULL_SCALE, HOP, SAMPLE_RATE
from unbraid_training.spectrum import analyse, columns, project, synthesise


def test_columns_equal_scipys_transform_of_windowed_samples():
    x = np.random.default_rng(1).normal(0, 1, FFT_SIZE + 7 * HOP)
    transform = signal.ShortTimeFFT(signal.get_window("hann", FFT_SIZE), HOP, SAMPLE_RATE,
                                     phase_shift=None)
    ours = columns(torch.from_numpy(x).float()).numpy()
    # scipy's slice p is centred on p * hop; ours begin at t * hop
    theirs = transform.stft(x, p0=2, p1=10).T
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max()


def test_a_full_scale_sine_has_the_magnitude_that_the_features_are_scaled_by():
    time = np.arange(FFT_SIZE)
    x = torch.from_numpy(np.sin(2 * np.pi * 100 * time / FFT_SIZE)).float()
    assert abs(columns(x)[0, 100].abs().item() / FULL_SCALE - 1) < 1e-4


def test_synthesis_gives_back_what_was_analysed():
    for count in (1, 1023, 4096, 50_001):
        x = torch.randn(2, count, generator=torch.Generator().manual_seed(count))
        assert (synthesise(analyse(x), count) - x).abs().max() < 1e-5


def test_first_column_holds_only_the_first_hop():
    x = torch.zeros(20_000)
    x[HOP:] = 1
    assert analyse(x)[0].abs().max() == 0


def test_targets_sum_to_the_magnitude_of_the_mixture():
    parts = torch.randn(2, 4, 2, 6, 2049, 2)
    gains = torch.rand(2, 4, 2049) + 0.1
    mixture, targets = project(parts, gains)
    magnitude = torch.stack([mixture[:, 0].hypot(mixture[:, 1]), mixture[:, 2].hypot(mixture[:, 3])],
                            1)
    assert (targets.sum(1) - magnitude).abs().max() < 1e-4
