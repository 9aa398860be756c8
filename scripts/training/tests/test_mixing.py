import numpy as np
import torch

from unbraid_training import mixing
from unbraid_training.mixing import Mixer
from unbraid_training.render import store


def test_stems_of_a_song_stay_aligned_to_the_sample(pools):
    mixer = Mixer(pools, 16, 3)
    for name in mixer.pools.names["drums"]:
        for rate in (1.0, 0.9993, 0.93, 1.11, 1.9):
            found = {s: [(s, name, 1234, rate, 1.0)] for s in ("drums", "bass", "other")}
            found["vocals"] = []
            drums, bass, vocals, other = mixer.laid([found])[0]
            assert drums.abs().max() > 0.01 and vocals.abs().max() == 0
            assert (bass - 2 * drums).abs().max() < 4 / 32768
            assert (other - 4 * drums).abs().max() < 8 / 32768


def test_a_crop_at_its_own_speed_is_the_file(pools):
    mixer = Mixer(pools, 16, 3)
    name = mixer.pools.names["drums"][0]
    x = mixer.laid([{"drums": [("drums", name, 50, 1.0, 0.5)], "bass": [], "vocals": [], "other": []}])
    truth = mixer.pools.files["drums"][name][50:50 + mixer.count] / 65536
    assert np.abs(x[0, 0].numpy() - truth).max() < 1e-6


def test_pools_in_memory_give_what_mapped_pools_give(pools):
    """The path of a GPU, whose pools are tensors of the device, on a CPU."""
    mapped, resident = (Mixer(pools, 16, [7, 0], "cpu", r) for r in (False, True))
    assert resident.pools.sounds["bass"] and not mapped.pools.sounds["bass"]
    for ours, theirs in zip(resident.batch(3), mapped.batch(3)):
        assert torch.equal(ours, theirs)


def test_examples_have_their_length_and_differ(pools):
    mixer = Mixer(pools, 16, 3)
    sound, gains, known = mixer.batch(3)
    assert sound.shape == (3, 4, 2, mixer.count)
    assert gains.shape == (3, 4, 2049) and (known == 1).all()
    assert torch.isfinite(sound).all()
    assert not torch.equal(sound[0], sound[1])


def test_the_same_seed_gives_the_same_examples(pools):
    first, second = (Mixer(pools, 16, [7, 1]).batch(2)[0] for _ in range(2))
    assert torch.equal(first, second)


def test_a_common_gain_curve_keeps_the_ratios_of_stems(pools):
    """The bus compressor and the level are one curve for all stems and both channels."""
    mixer = Mixer(pools, 64, 3)
    noise = torch.randn(1, 1, mixer.count, 1).expand(3, 4, -1, 2) * torch.tensor([1, 2, 0, 4.0])[
        None, :, None, None] * 0.01
    mixer.variation = lambda stem: (1.0, 1.0, 1.0, 1.0, 0.0)
    out = mixer.varied(noise.clone(), 3)
    assert (out[:, 1] - 2 * out[:, 0]).abs().max() < 1e-5
    assert (out[:, 3] - 4 * out[:, 0]).abs().max() < 1e-5
    assert (out.square().mean((2, 3)).sum(1) < 1).all() and torch.isfinite(out).all()


def test_the_bus_compressor_lowers_what_is_loud():
    loud = torch.ones(1, 2, 64 * mixing.BLOCK) * 0.1
    loud[..., 32 * mixing.BLOCK:] *= 10
    curve = mixing.bus_compressor(loud, torch.tensor([0.4]), torch.tensor([0.5]))
    assert curve.shape == (1, loud.shape[2])
    assert abs(curve[0, 1000] - 1) < 1e-4 and abs(curve[0, -1000] - 10**-0.5) < 1e-3


def test_of_a_song_without_a_voice_only_the_voice_is_known(pools, monkeypatch):
    noise = np.random.default_rng(5).normal(0, 0.02, (300_000, 2)).astype(np.float32)
    store(pools, "backing", "guitar_song", noise)
    monkeypatch.setattr(mixing, "BACKING", 1.0)
    sound, _, known = Mixer(pools, 16, 3).batch(4)
    assert known.tolist() == [[0, 0, 1, 0]] * 4
    assert sound[:, 0].abs().max() == 0 and sound[:, 3].abs().amax((1, 2)).min() > 0


def test_overdrive_keeps_silence_and_shape(pools):
    """Soft clipping moves no sound in time, raises no sample and leaves what is silent silent."""
    mixer = Mixer(pools, 16, 3)
    x = torch.randn(40, 4, 1000, 2) * 0.1
    x[:, 2] = 0
    y = mixer.driven(x.clone())
    changed = (y != x).any(3).any(2)
    assert 5 < changed.sum() < 60 and not changed[:, 2].any()
    assert (y.abs() <= x.abs() + 1e-6).all() and (y * x >= 0).all()


def test_what_breaks_off_is_silent_in_all_stems_and_untouched_elsewhere(pools):
    mixer = Mixer(pools, 64, 3)
    x = torch.ones(200, 4, 2, mixer.count)
    y = mixer.broken_off(x.clone())
    silent = y == 0
    assert torch.equal(silent, silent[:, :1, :1].expand_as(silent)) and (y[~silent] == 1).all()
    share = silent[:, 0, 0].float().mean(1)
    assert 15 < (share > 0).sum() < 70 and share.max() < 0.8
    first, last = silent[:, 0, 0, 0].sum(), silent[:, 0, 0, -mixing.FFT_SIZE].sum()
    assert first > 3 and last > 3
