import pytest
import torch

from unbraid_training.muon import Muon, orthogonal
from unbraid_training.net import Separator, Shape, features


def spectrum(level=1.0, frames=24):
    torch.manual_seed(3)
    return torch.randn(1, 4, frames, 2048) * 30 * level


@pytest.mark.parametrize("level", [0.03, 30.0])
def test_features_do_not_know_the_level(level):
    assert (features(spectrum(level)) - features(spectrum())).abs().max() < 2e-3


def test_silence_beside_the_sound_does_not_change_its_features():
    x = spectrum()
    padded = torch.cat([x, torch.zeros_like(x)], 2)
    assert (features(padded)[:, :, :24] - features(x)).abs().max() < 1e-4


def test_silence_stays_quiet():
    assert torch.isfinite(features(torch.zeros(1, 4, 8, 2048))).all()
    assert features(spectrum(1e-6)).mean() < features(spectrum()).mean() - 1


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
    x = torch.randn(1, 4, 8, 2048)
    with torch.no_grad():
        before = net(x)
        net.soften(0.5)
        assert (net(x) - before / 2).abs().max() < 1e-5


def test_the_masks_of_a_steady_sound_do_not_ripple():
    torch.manual_seed(4)
    net = Separator().eval()
    with torch.no_grad():
        # Random weights that differ from frame to frame, as training makes them.
        for up in net.ups:
            up.conv.weight.normal_(0, 0.2)
        column = torch.randn(1, 4, 1, 2048)
        logits = net(column.expand(-1, -1, 384, -1))[:, :, 160:224]
    assert logits.std(3).mean() > 0.1  # they say something
    assert float((logits.amax(2) - logits.amin(2)).max()) < 1e-4
