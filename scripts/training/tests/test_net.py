import math

import pytest
import torch

from unbraid_training import FFT_SIZE, HOP
from unbraid_training.muon import Muon, orthogonal
from unbraid_training.net import Separator, Shape, features
from unbraid_training.spectrum import columns


def spectrum(level=1.0, frames=24):
    torch.manual_seed(3)
    return torch.randn(1, 4, frames, 2048) * 30 * level


def heard(sound):
    """Features of one sound [samples] on both channels."""
    x = torch.view_as_real(columns(sound))[:, :2048]
    return features(torch.stack([x[..., 0], x[..., 1]] * 2)[None], 768)


@pytest.mark.parametrize("level", [0.03, 30.0])
def test_features_do_not_know_the_level(level):
    for loud, plain in zip(features(spectrum(level), 768), features(spectrum(), 768)):
        assert (loud - plain).abs().max() < 2e-3


def test_silence_beside_the_sound_does_not_change_its_features():
    x = spectrum()
    padded = torch.cat([x, torch.zeros_like(x)], 2)
    for found, plain in zip(features(padded, 768), features(x, 768)):
        assert (found[:, :, :24] - plain).abs().max() < 1e-4


def test_silence_stays_quiet():
    levels, turns = features(torch.zeros(1, 4, 8, 2048), 768)
    assert torch.isfinite(levels).all() and torch.equal(turns, torch.zeros_like(turns))
    assert features(spectrum(1e-6), 768)[0].mean() < features(spectrum(), 768)[0].mean() - 1


def test_the_turn_between_frames_is_the_frequency_of_a_tone():
    bin = 9.3
    time = torch.arange(FFT_SIZE + 7 * HOP, dtype=torch.float64)
    turns = heard(torch.cos(2 * math.pi * bin / FFT_SIZE * time).float())[1]
    angle = math.remainder(2 * math.pi * bin * HOP / FFT_SIZE, 2 * math.pi)
    found = torch.atan2(turns[0, 1, 1:, 9], turns[0, 0, 1:, 9])
    assert (found - angle).abs().max() < 0.02
    assert turns[0, :2].square().sum(0)[1:, 9].sqrt().sub(1).abs().max() < 0.01
    assert turns[0, :2, 0].abs().max() == 0  # nothing came before


@pytest.mark.parametrize("place", [1000, 2500])
def test_the_turn_between_bins_is_the_place_of_a_click_in_the_frame(place):
    sound = torch.zeros(FFT_SIZE)
    sound[place] = 0.5
    turns = heard(sound)[1]
    found = torch.atan2(turns[0, 3, 0], turns[0, 2, 0])
    angle = math.remainder(2 * math.pi * place / FFT_SIZE, 2 * math.pi)
    assert (found - angle).abs().max() < 1e-3


def test_an_orthogonal_update_moves_all_directions_about_equally():
    torch.manual_seed(1)
    for shape in ((16, 64), (64, 16)):
        sizes = torch.linalg.svdvals(orthogonal(torch.randn(shape) * 7))
        assert sizes.min() > 0.5 and sizes.max() < 1.4


def test_muon_finds_a_minimum():
    torch.manual_seed(1)
    goal = torch.randn(8, 12)
    weight = torch.nn.Parameter(torch.zeros(8, 12))
    optimizer = Muon([weight], weight_decay=0)
    for step in range(300):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 300)
        weight.grad = 2 * (weight.detach() - goal)
        optimizer.step()
    assert (weight - goal).abs().max() < 0.2


def test_softening_scales_the_logits():
    torch.manual_seed(1)
    net = Separator(Shape(widths=(8, 8, 8, 8), dilations=(1,))).eval()
    x = torch.randn(1, 4, 8, 2048), torch.randn(1, 4, 8, 768)
    with torch.no_grad():
        before = net(*x)
        net.soften(0.5)
        assert (net(*x) - before / 2).abs().max() < 1e-5


def test_the_masks_of_a_steady_sound_do_not_ripple():
    torch.manual_seed(4)
    net = Separator(Shape()).eval()
    with torch.no_grad():
        # Random weights that differ from frame to frame, as training makes them.
        for up in net.ups:
            up.conv.weight.normal_(0, 0.2)
        column = torch.randn(1, 4, 1, 2048), torch.randn(1, 4, 1, 768)
        logits = net(*(x.expand(-1, -1, 384, -1) for x in column))[:, :, 160:224]
    assert logits.std(3).mean() > 0.1  # they say something
    assert float((logits.amax(2) - logits.amin(2)).max()) < 1e-4
