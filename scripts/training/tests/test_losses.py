import pytest
import torch

from unbraid_training.losses import stem_losses
from unbraid_training.net import masks
from unbraid_training.spectrum import project


def batch(silent=(), level=1.0):
    torch.manual_seed(2)
    parts = torch.randn(2, 4, 2, 8, 2048, 2) * level
    for stem in silent:
        parts[:, stem] = 0
    return project(parts, torch.ones(2, 4, 2048))


@pytest.mark.parametrize("silent", [(), (2,), (0, 1, 3), (0, 1, 2, 3)])
@pytest.mark.parametrize("level", [1e-6, 1.0, 1e4])
def test_loss_and_gradient_are_finite_on_silent_stems(silent, level):
    spectrum, targets = batch(silent, level)
    logits = torch.zeros(2, 8, 8, 2048, requires_grad=True)
    losses = stem_losses(logits, spectrum, targets)
    losses.sum().backward()
    assert torch.isfinite(losses).all()
    assert torch.isfinite(logits.grad).all()


def test_the_right_mask_has_a_smaller_loss_than_an_even_one():
    spectrum, targets = batch()
    mixture = targets.sum(1, keepdim=True)
    right = (targets.clamp_min(1e-6) / mixture.clamp_min(1e-3)).log().reshape(2, 8, 8, 2048)
    even = torch.zeros_like(right)
    better, worse = (stem_losses(x, spectrum, targets) for x in (right, even))
    assert (better < worse).all()


def test_masks_sum_to_one():
    total = masks(torch.randn(1, 8, 8, 2048)).sum(1)
    assert (total - 1).abs().max() < 1e-5


def test_a_stem_that_is_not_known_does_not_count():
    spectrum, targets = batch()
    logits = torch.zeros(2, 8, 8, 2048, requires_grad=True)
    known = torch.tensor([[0, 0, 1, 0], [0, 0, 0, 0.0]])
    losses = stem_losses(logits, spectrum, targets, known)
    assert (losses != 0).tolist() == [False, False, True, False]
    losses.sum().backward()
    assert logits.grad[0].abs().max() > 0 and logits.grad[1].abs().max() == 0
