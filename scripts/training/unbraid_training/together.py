"""Training by several processes that share their gradients."""

import torch
from torch import distributed

from .graph import read_weights
from .train import Trainer, train


def train_job(a):
    """One process of a training run, with the options `a` of the command line."""
    torch.manual_seed(a.seed)
    if a.threads:
        torch.set_num_threads(a.threads)
    trainer = Trainer(a.work / "runs" / a.run, a.rate, a.device)
    if not trainer.resume() and a.init:
        trainer.begin_from(read_weights(a.init) if a.init.suffix == ".onnx" else
                           torch.load(a.init, map_location="cpu", weights_only=True)["averaged"])
    print(f"from step {trainer.step}", flush=True)
    train(trainer, a.work / "pools", a.until, a.batch, a.frames, a.workers, a.freeze, a.seed)


def run_together(processes, port, job):
    """Runs job() in that many processes of one thread each, which share their gradients.

    On a busy machine this is far faster than threads: processes wait for each other once a step,
    threads several hundred times.
    """
    if processes == 1:
        job()
        return
    torch.multiprocessing.spawn(join, (processes, port, job), nprocs=processes)


def join(rank, world, port, job):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank,
                                   world_size=world)
    job()
