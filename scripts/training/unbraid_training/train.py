"""Trains the net: masters in float32, working weights in bfloat16, compiled, until a given hour.

The last part (`freeze`) goes on from the averaged weights with fixed normalisation statistics,
measured over many batches, so that the net needs no statistics of the song when it is used.
"""

import csv
import os
import time
from pathlib import Path

import torch
from torch import distributed, nn

from . import HOP, SAMPLE_RATE
from .losses import WEIGHTS, stem_losses
from .mixing import Mixer, loader
from .muon import Muon
from .net import Separator, Shape, features, unfold
from .spectrum import columns, project

ENDS = ("low_in", "high_in", "low_out", "high_out")  # not Muon's
LOW_PRECISION = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


class Trainer:
    """One run in a folder: checkpoint.pt, log.csv."""

    def __init__(self, folder, rate=2e-3, device="cpu", shape=Shape(), loss=WEIGHTS):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.device, self.rate, self.loss = device, rate, loss
        self.step, self.seconds, self.frozen = 0, 0.0, False
        self.net = Separator(shape).to(device)
        self.work = Separator(shape).to(device, memory_format=torch.channels_last)
        for module in self.work.modules():
            if isinstance(module, LOW_PRECISION):
                module.to(torch.bfloat16)
            elif isinstance(module, nn.BatchNorm2d):
                module.momentum = 0.02
        self.masters = dict(self.net.named_parameters())
        self.workers = dict(self.work.named_parameters())
        inner = {k: p for k, p in self.masters.items() if p.ndim > 1 and not k.startswith(ENDS)}
        ends = [p for k, p in self.masters.items() if p.ndim > 1 and k not in inner]
        flat = [p for p in self.masters.values() if p.ndim <= 1]
        self.optimizers = [Muon(inner.values(), rate), torch.optim.AdamW(
            [{"params": ends, "weight_decay": 1e-2}, {"params": flat, "weight_decay": 0}],
            lr=rate, betas=(0.9, 0.99), fused=True)]
        self.average = {k: p.detach().clone() for k, p in self.masters.items()}
        self.publish()
        self.prepare = torch.compile(project)
        self.bands = torch.compile(self.bands_of)
        self.losses = torch.compile(stem_losses)

    def bands_of(self, spectrum):
        return self.work.bands(*(x.to(torch.bfloat16).contiguous(memory_format=torch.channels_last)
                                 for x in features(spectrum, self.work.shape.split)))

    def forward(self, spectrum, targets, known):
        """Loss per stem [4]. The unfolding stays outside of what is compiled: as a plain copy it
        is fast, fused into the loss it would keep the loss from being vectorised."""
        low, high = self.bands(spectrum)
        shape = self.work.shape
        logits = torch.cat([unfold(low, shape.low_fold), unfold(high, shape.high_fold)], 3)
        return self.losses(logits.contiguous(), spectrum, targets, known, self.loss)

    @torch.no_grad()
    def publish(self):
        """Copies the masters into the working net."""
        for name, parameter in self.workers.items():
            parameter.copy_(self.masters[name])

    def examples(self, batch):
        """(mixture, targets, known) of a batch of the mixer."""
        sound, gains, known = (x.to(self.device, non_blocking=True) for x in batch)
        return *self.prepare(torch.view_as_real(columns(sound)), gains), known

    def train_step(self, batch, rate):
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        losses = self.forward(*self.examples(batch))
        losses.mean().backward()
        with torch.no_grad():
            for name, parameter in self.workers.items():
                self.masters[name].grad = parameter.grad.float()
                parameter.grad = None
            self.share_gradients()
            norm = nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            if torch.isfinite(norm):
                for optimizer in self.optimizers:
                    optimizer.step()
            self.publish()
            self.step += 1
            decay = min(0.996, (self.step + 1) / (self.step + 10))
            for name, parameter in self.masters.items():
                self.average[name].lerp_(parameter, 1 - decay)
        return losses.detach().cpu(), float(norm)

    def share_gradients(self):
        """Averages the gradients over all processes of the run."""
        if distributed.is_initialized():
            gradients = [p.grad for p in self.masters.values()]
            share(gradients)

    @torch.no_grad()
    def freeze(self, batches, count=60):
        """Goes on from the averaged weights with statistics measured over `count` batches."""
        for name, parameter in self.masters.items():
            parameter.copy_(self.average[name])
        self.publish()
        self.measure(batches, count)
        self.fix_norms()
        torch.compiler.reset()
        self.prepare = torch.compile(project)
        self.bands = torch.compile(self.bands_of)
        self.losses = torch.compile(stem_losses)

    def fix_norms(self):
        """Uses the normalisation statistics as they are from here on."""
        self.frozen = True
        for module in self.work.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()

    @torch.no_grad()
    def measure(self, batches, count):
        """Sets the normalisation statistics of the working net to the mean over many batches."""
        norms = [m for m in self.work.modules() if isinstance(m, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
        for _ in range(count):
            self.forward(*self.examples(next(batches)))
        if distributed.is_initialized():
            share([b for n in norms for b in (n.running_mean, n.running_var)])
        for norm in norms:
            norm.momentum = 0.02

    def averaged(self):
        """State of the averaged net: average weights, statistics of the working net."""
        state = {k: v.detach().clone().float() for k, v in self.work.state_dict().items()
                 if "num_batches" not in k}
        state.update({k: v.clone() for k, v in self.average.items()})
        return {k: v.cpu() for k, v in state.items()}

    def save(self):
        target = self.folder / "checkpoint.pt"
        torch.save({"shape": self.net.shape.as_dict(), "averaged": self.averaged(),
                    "masters": self.net.state_dict(), "optimizers": [o.state_dict() for o in self.optimizers],
                    "step": self.step, "seconds": self.seconds, "frozen": self.frozen},
                   target.with_suffix(".part"))
        os.replace(target.with_suffix(".part"), target)

    def resume(self):
        """Takes up checkpoint.pt of the folder where there is one."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["masters"])
        for optimizer, kept in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(kept)
        self.step, self.seconds = state["step"], state["seconds"]
        self.begin_from(state["averaged"], masters=False)
        if state["frozen"]:
            self.fix_norms()
        return True

    @torch.no_grad()
    def begin_from(self, averaged, masters=True):
        """Starts from the weights of a checkpoint or of read_weights (an exported net); inputs that
        these do not have begin with weights of zero."""
        averaged = {k: torch.as_tensor(v).to(self.device) for k, v in averaged.items()}
        for name, parameter in self.masters.items():
            missing = parameter.shape[1] - averaged[name].shape[1] if parameter.ndim == 4 else 0
            if missing > 0:
                averaged[name] = nn.functional.pad(averaged[name], (0, 0, 0, 0, 0, missing))
        for name in self.masters:
            self.average[name].copy_(averaged[name])
            if masters:
                self.masters[name].copy_(averaged[name])
        for name, buffer in self.work.named_buffers():
            if name in averaged:
                buffer.copy_(averaged[name])
        self.publish()


def share(tensors):
    """Replaces the tensors by their means over all processes."""
    flat = torch.cat([t.reshape(-1) for t in tensors])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for tensor, part in zip(tensors, flat.split([t.numel() for t in tensors])):
        tensor.copy_(part.view_as(tensor))


def load_averaged(path, others=()):
    """The averaged net of a checkpoint, ready for use; with others, the mean of all."""
    states = [torch.load(p, map_location="cpu", weights_only=True) for p in (path, *others)]
    shape = {k: tuple(v) if isinstance(v, list) else v for k, v in states[0]["shape"].items()}
    net = Separator(Shape(**shape))
    means = {k: sum(s["averaged"][k] for s in states) / len(states) for k in states[0]["averaged"]}
    net.load_state_dict(means, strict=False)
    return net.eval(), states[0]


@torch.no_grad()
def measured(net, pools, count, batch=2, frames=512):
    """Sets the normalisation statistics of a net to the mean over `count` training batches.

    Examples as long as a segment: in short ones the zeros that convolutions see beyond their ends are
    in most of what is measured."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    net.train()
    mixer = Mixer(pools, frames, 4)
    for _ in range(count):
        sound, gains, _ = mixer.batch(batch)
        spectrum, _ = project(torch.view_as_real(columns(sound)), gains)
        net.bands(*features(spectrum, net.shape.split))
    return net.eval()


def rate_at(progress, step, top, warmup=60, falls=0.75):
    """Learning rate: linear start, level, and straight down to 1 % over the last share `falls`."""
    fall = min(1.0, max(0.0, (1 - progress) / falls))
    return top * min(1.0, (step + 1) / warmup) * (0.01 + 0.99 * fall)


def train(trainer, pools, until, batch=8, frames=128, workers=1, freeze_share=0.25, seed=0):
    """Trains until the time `until` (seconds since 1970); saves every three minutes.

    A file `stop` in the run's folder ends it earlier; it is removed.

    Where several processes train together each draws its own examples (`batch` in all), and
    gradients are averaged. Only the first keeps the clock, the log and the checkpoint.
    """
    rank = distributed.get_rank() if distributed.is_initialized() else 0
    world = distributed.get_world_size() if distributed.is_initialized() else 1
    batches = loader(pools, frames, batch // world, [seed, trainer.step, rank], workers,
                     trainer.device)
    began, start_step, saved = time.time(), trainer.step, time.time()
    log = Log(trainer) if rank == 0 else None
    clock = torch.zeros(1, dtype=torch.float64)
    while True:
        clock[0] = (time.time() - began) / (until - began)
        if (trainer.folder / "stop").exists():
            clock[0] = 1
        if world > 1:
            distributed.broadcast(clock, 0)
        progress = float(clock)
        if progress >= 1:
            break
        if progress > 1 - freeze_share and not trainer.frozen:
            trainer.freeze(batches)
        rate = rate_at(progress, trainer.step - start_step, trainer.rate)
        result = trainer.train_step(next(batches), rate)
        trainer.seconds += batch * frames * HOP / SAMPLE_RATE
        if log:
            log.add(rate, *result)
            if time.time() - saved > 180:
                trainer.save()
                saved = time.time()
    if log:
        trainer.save()
        (trainer.folder / "stop").unlink(missing_ok=True)


class Log:
    """log.csv of a run: one line for every 25 steps."""

    def __init__(self, trainer):
        self.trainer, self.recent, self.time = trainer, [], time.time()
        self.path = trainer.folder / "log.csv"
        if not self.path.exists():
            self.write(["time", "step", "audio_hours", "rate", "loss", "drums", "bass", "vocals",
                        "other", "gradient", "seconds_a_step"])

    def write(self, row):
        with open(self.path, "a", newline="") as file:
            csv.writer(file).writerow(row)

    def add(self, rate, losses, gradient):
        self.recent.append((losses, gradient))
        if len(self.recent) < 25:
            return
        means = torch.stack([r[0] for r in self.recent]).mean(0).tolist()
        norm = sum(r[1] for r in self.recent) / len(self.recent)
        now = time.time()
        self.write([int(now), self.trainer.step, round(self.trainer.seconds / 3600, 3),
                    f"{rate:.2e}", round(sum(means) / 4, 4), *(round(m, 4) for m in means),
                    round(norm, 3), round((now - self.time) / 25, 2)])
        self.recent, self.time = [], now
