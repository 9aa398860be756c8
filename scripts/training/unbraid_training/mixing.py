"""Training examples: crops of the pools, mixed and varied at random.

Each example is four stems whose plain sum is the mixture, also after every variation.
"""

import time
from pathlib import Path

import numpy as np
import torch

from . import FFT_SIZE, HOP, STEMS

KIND_WEIGHTS = {"real": 3.0, "guitar": 1.5, "folder": 3.0}
DROP = {"drums": 0.12, "bass": 0.12, "vocals": 0.2, "other": 0.07}
SECOND = {"drums": 0.1, "bass": 0.04, "vocals": 0.12, "other": 0.25}


class Pools:
    """Memory-mapped int16 arrays [samples, 2] by stem, looked through again now and then."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.files = {s: {} for s in STEMS}
        self.refresh()

    def refresh(self):
        self.names, self.chances = {}, {}
        for stem in STEMS:
            known = self.files[stem]
            for path in sorted((self.folder / stem).glob("*.npy")):
                if path.stem not in known:
                    known[path.stem] = np.load(path, mmap_mode="r")
            self.names[stem] = list(known)
            weights = [len(x) * KIND_WEIGHTS.get(n.split("_")[0], 1.0) for n, x in known.items()]
            self.chances[stem] = np.cumsum(weights) / np.sum(weights)
        self.read = time.time()

    def name(self, stem, rng):
        index = np.searchsorted(self.chances[stem], rng.random())
        return self.names[stem][min(int(index), len(self.names[stem]) - 1)]

    def crop(self, stem, name, start, rate, count):
        """`count` samples from `start` on, played at `rate` times the speed, float32."""
        x = self.files[stem][name]
        rate = 1.0 if abs(rate - 1) < 1e-3 else rate
        length = int(count * rate) + 3
        y = np.zeros((length, 2), np.float32)
        part = x[start:start + length]
        y[: len(part)] = part
        y *= 1 / 32768
        if rate == 1:
            return y[:count]
        position = np.arange(count) * rate
        index = position.astype(np.int64)
        weight = (position - index).astype(np.float32)[:, None]
        return y[index] * (1 - weight) + y[index + 1] * weight


class Mixer:
    """Draws examples of `frames` STFT columns from the pools."""

    def __init__(self, folder, frames, seed):
        self.pools = Pools(folder)
        self.frames = frames
        self.count = (frames - 1) * HOP + FFT_SIZE
        self.rng = np.random.default_rng(seed)

    def start(self, stem, name, rate):
        room = len(self.pools.files[stem][name]) - int(self.count * rate) - 3
        return int(self.rng.integers(room)) if room > 0 else 0

    def rate(self, stem=None):
        """Speed of a crop; basses also up to an octave higher than they were rendered."""
        if stem == "bass" and self.rng.random() < 0.3:
            return 2 ** self.rng.uniform(0, 1)
        return 2 ** (self.rng.uniform(-3.5, 3.5) / 12) if self.rng.random() < 0.4 else 1.0

    def single(self, stem):
        """A crop of one stem that is not silent, from anywhere."""
        for _ in range(4):
            name, rate = self.pools.name(stem, self.rng), self.rate(stem)
            x = self.pools.crop(stem, name, self.start(stem, name, rate), rate, self.count)
            if np.abs(x).max() > 0.01:
                break
        return x

    def stems(self):
        """The raw stems of an example: half of the time those of one song."""
        rng, found = self.rng, {}
        if rng.random() < 0.55:
            anchor = "bass" if rng.random() < 0.5 else "drums"
            name, rate = self.pools.name(anchor, rng), self.rate()
            start = self.start(anchor, name, rate)
            for stem in STEMS:
                if name in self.pools.files[stem]:
                    found[stem] = self.pools.crop(stem, name, start, rate, self.count)
        for stem in STEMS:
            if stem not in found:
                found[stem] = self.single(stem)
                if rng.random() < SECOND[stem]:
                    gain = 10 ** (rng.uniform(-12, 3) / 20)
                    found[stem] = found[stem] + self.single(stem) * np.float32(gain)
        return found

    def varied(self, stem, x):
        """Gain, polarity, width, balance and sides at random."""
        rng = self.rng
        spread = rng.normal(0, 4)
        if stem == "vocals" and rng.random() < 0.25:
            spread += rng.uniform(3, 6)
        x = x * np.float32(10 ** (spread / 20) * rng.choice([-1, 1]))
        choice = rng.random()
        if choice < 0.25:
            x = np.repeat(x.mean(1, keepdims=True), 2, 1)
        elif choice < 0.5:
            middle = x.mean(1, keepdims=True)
            x = middle + (x - middle) * np.float32(rng.uniform(0, 1.4))
        if rng.random() < (0.4 if stem in ("other", "vocals") else 0.1):
            p = rng.uniform(-0.8, 0.8) if stem == "other" else rng.uniform(-0.4, 0.4)
            x = x * np.array([1 - max(0, p), 1 + min(0, p)], np.float32)
        return x[:, ::-1] if rng.random() < 0.5 else x

    def example(self):
        """float32 [4 stems, samples, 2] and equaliser gains [4, 2049]."""
        rng, found = self.rng, self.stems()
        out = np.zeros((4, self.count, 2), np.float32)
        for i, stem in enumerate(STEMS):
            if rng.random() >= DROP[stem]:
                out[i] = self.varied(stem, found[stem])
        if rng.random() < 0.15:
            out[:] = out.mean(2, keepdims=True)
        if rng.random() < 0.3:
            out *= bus_compressor(out.sum(0), rng)[None, :, None]
        level = np.sqrt(np.mean(np.square(out.sum(0)))) + 1e-5
        target = rng.uniform(-45, -8) if rng.random() < 0.1 else -20 + rng.normal(0, 4)
        out *= min(10 ** (target / 20) / level, 30)
        return out, equaliser(rng)

    def batch(self, size):
        """(stems float32 [B, 4, 2, samples], equaliser gains [B, 4, 2049])."""
        if time.time() - self.pools.read > 120:
            self.pools.refresh()
        examples = [self.example() for _ in range(size)]
        sound = np.stack([e[0].transpose(0, 2, 1) for e in examples])
        return torch.from_numpy(sound), torch.from_numpy(np.stack([e[1] for e in examples]))


def bus_compressor(mixture, rng, block=256):
    """A common gain curve [samples] as a master compressor makes it."""
    count = len(mixture) // block
    energy = np.sqrt(np.square(mixture[: count * block]).reshape(count, -1).mean(1) + 1e-9)
    energy = np.maximum(energy, np.convolve(energy, np.ones(5) / 5, "same"))
    threshold = np.quantile(energy, rng.uniform(0.4, 0.9))
    gain = np.minimum(1, (energy / threshold) ** -rng.uniform(0.2, 0.8))
    centres = np.arange(count) * block + block / 2
    return np.interp(np.arange(len(mixture)), centres, gain).astype(np.float32)


def equaliser(rng):
    """Smooth random gains [4 stems, 2049 bins], sometimes with all highs cut as by lossy coding."""
    octaves = np.log2(np.maximum(np.arange(FFT_SIZE // 2 + 1), 1))
    gains = np.zeros((4, FFT_SIZE // 2 + 1))
    for i in range(4):
        if rng.random() < 0.7:
            gains[i] = np.interp(octaves, np.linspace(1, 11, 7), rng.normal(0, 3.5, 7))
    # Records differ most below 150 Hz: basses lean or full, kicks light or heavy.
    lows = 1 / (1 + (np.arange(gains.shape[1]) / (rng.uniform(60, 140) / 10.77)) ** 4)
    if rng.random() < 0.6:
        gains[1] -= lows * rng.uniform(0, 18)
    if rng.random() < 0.5:
        gains[0] += lows * rng.uniform(-3, 9)
    if rng.random() < 0.2:
        edge = int(rng.uniform(900, 1700))
        gains[:, edge:] -= np.minimum(60, np.arange(gains.shape[1] - edge))
    return (10 ** (gains / 20)).astype(np.float32)


class Batches(torch.utils.data.IterableDataset):
    """Endless batches; each loader process draws its own from the seed."""

    def __init__(self, folder, frames, size, seed):
        self.folder, self.frames, self.size, self.seed = folder, frames, size, seed

    def __iter__(self):
        torch.set_num_threads(1)
        worker = torch.utils.data.get_worker_info()
        seed = [*self.seed, worker.id if worker else 0]
        mixer = Mixer(self.folder, self.frames, seed)
        while True:
            yield mixer.batch(self.size)


def loader(folder, frames, size, seed, workers):
    return iter(torch.utils.data.DataLoader(Batches(folder, frames, size, seed), batch_size=None,
                                            num_workers=workers,
                                            prefetch_factor=3 if workers else None))
