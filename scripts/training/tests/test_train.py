import csv
import time

import torch

from unbraid_training import train as training
from unbraid_training.net import Shape

SMALL = Shape(widths=(8, 8, 8, 8), dilations=(1, 2))


def trainer(folder, monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda f: f)
    torch.manual_seed(1)
    return training.Trainer(folder, rate=1e-3, shape=SMALL)


def test_a_run_learns_freezes_saves_and_is_taken_up_again(pools, tmp_path, monkeypatch):
    run = tmp_path / "run"
    first = trainer(run, monkeypatch)
    monkeypatch.setattr(first, "freeze", lambda batches: training.Trainer.freeze(first, batches, 2))
    training.train(first, pools, time.time() + 15, batch=2, frames=16, workers=0, freeze_share=0.4)
    assert first.frozen and first.step > 1
    statistics = first.work.entry.norm.running_mean.clone()
    first.train_step(next(training.loader(pools, 16, 2, [1], 0)), 1e-3)
    assert torch.equal(statistics, first.work.entry.norm.running_mean)
    first.save()

    second = trainer(run, monkeypatch)
    assert second.resume()
    assert second.step == first.step and second.frozen
    for name, value in first.averaged().items():
        assert torch.equal(value, second.averaged()[name]), name
    net, state = training.load_averaged(run / "checkpoint.pt")
    assert net.shape == SMALL and state["seconds"] > 0


def test_a_net_that_heard_less_begins_as_it_was(tmp_path, monkeypatch):
    run = trainer(tmp_path / "run", monkeypatch)
    weights = run.averaged()
    weights["low_in.weight"] = weights["low_in.weight"][:, :4]
    run.begin_from(weights)
    assert torch.equal(run.masters["low_in.weight"][:, :4], weights["low_in.weight"])
    assert run.masters["low_in.weight"][:, 4:].abs().max() == 0


def test_the_learning_rate_falls_to_the_end_of_the_time():
    rates = [training.rate_at(p, 1000, 1.0) for p in (0, 0.25, 0.5, 0.75, 1)]
    assert rates[0] == 1 and rates == sorted(rates, reverse=True) and rates[-1] < 0.03
    assert training.rate_at(0, 0, 1.0) < 0.1


def test_the_log_has_a_line_for_every_25_steps(tmp_path, monkeypatch):
    run = trainer(tmp_path / "run", monkeypatch)
    log = training.Log(run)
    for _ in range(50):
        log.add(1e-3, torch.ones(4), 0.5)
    with open(log.path, newline="") as file:
        assert len(list(csv.DictReader(file))) == 2
