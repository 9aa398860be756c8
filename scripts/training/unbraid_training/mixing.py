"""Training examples: crops of the pools, mixed and varied at random.

Each example is four stems whose plain sum is the mixture, also after every variation. What to do is
drawn by numpy, the sound is made by PyTorch for a whole batch at once, where the pools lie: on a
GPU they are loaded once as int16 (10 hours of a stem are 6 GB), on a CPU mapped from disk.
"""

import time
from pathlib import Path

import numpy as np
import torch

from . import FFT_SIZE, HOP, STEMS

FOLDERS = (*STEMS, "backing")
KIND_WEIGHTS = {"real": 8.0, "guitar": 4.0, "taught": 3.0, "played": 3.0, "folder": 3.0,
                "found": 1.0}
DROP = {"drums": 0.12, "bass": 0.12, "vocals": 0.25, "other": 0.07}
MEAN = {"drums": 3.2, "bass": 2.6, "vocals": 2.4, "other": 1.2}  # dB, before equalising
SECOND = {"drums": 0.1, "bass": 0.04, "vocals": 0.12, "other": 0.4}
DRIVEN = 0.2  # of the stems
BACKING = 0.12  # of the examples: a whole song without a voice, whose other stems nobody knows
SILENT = 0.2  # of the examples: all stems silent for a while, most often before or after the sound
BLOCK = 256  # samples: the bus compressor's resolution


class Pools:
    """int16 arrays [samples, 2] by stem: mapped and looked through again now and then, or resident
    in the device's memory."""

    def __init__(self, folder, device="cpu", resident=None):
        self.folder, self.device = Path(folder), torch.device(device)
        self.resident = self.device.type != "cpu" if resident is None else resident
        self.files = {s: {} for s in FOLDERS}
        self.sounds = {s: {} for s in FOLDERS}
        self.refresh()

    def refresh(self):
        self.names, self.chances = {}, {}
        for stem in FOLDERS:
            known = self.files[stem]
            for path in sorted((self.folder / stem).glob("*.npy")):
                if path.stem not in known:
                    known[path.stem] = np.load(path, mmap_mode="r")
                    if self.resident:
                        sound = torch.from_numpy(np.array(known[path.stem]))
                        self.sounds[stem][path.stem] = sound.to(self.device)
            self.names[stem] = list(known)
            weights = [len(x) * KIND_WEIGHTS.get(n.split("_")[0], 1.0) for n, x in known.items()]
            if weights:
                self.chances[stem] = np.cumsum(weights) / np.sum(weights)
        self.read = time.time()

    def name(self, stem, rng):
        index = np.searchsorted(self.chances[stem], rng.random())
        return self.names[stem][min(int(index), len(self.names[stem]) - 1)]

    def sound(self, stem, name, start, length):
        """int16 [<= length, 2] on the device."""
        if name in self.sounds[stem]:
            return self.sounds[stem][name][start:start + length]
        return torch.from_numpy(np.array(self.files[stem][name][start:start + length]))

    def loud(self, stem, name, start, length):
        """Whether a crop is not silent, by every seventh sample."""
        part = self.files[stem][name][start:start + length:7]
        return len(part) > 0 and np.abs(part.astype(np.int32)).max() > 0.01 * 32768


class Mixer:
    """Draws examples of `frames` STFT columns from the pools."""

    def __init__(self, folder, frames, seed, device="cpu", resident=None):
        self.pools = Pools(folder, device, resident)
        self.device = self.pools.device
        self.frames = frames
        self.count = (frames - 1) * HOP + FFT_SIZE
        self.rng = np.random.default_rng(seed)

    def batch(self, size):
        """(stems float32 [B, 4, 2, samples], equaliser gains [B, 4, 2049], known stems [B, 4]).

        Where a stem is not known (0), its sound is nothing or the sum of all that is not known."""
        if time.time() - self.pools.read > 120 and not self.pools.resident:
            self.pools.refresh()
        drawn, known = [], np.ones((size, 4))
        for i in range(size):
            backed = len(self.pools.names["backing"]) > 0 and self.rng.random() < BACKING
            drawn.append(self.backed() if backed else self.stems())
            if backed:
                known[i] = [0, 0, 1, 0]
        sound = self.broken_off(self.varied(self.driven(self.laid(drawn)), size))
        gains = torch.from_numpy(np.stack([equaliser(self.rng) for _ in range(size)]))
        return sound, gains.to(self.device), self.tensor(known)

    # What is drawn: crops (folder, name, start, speed, gain) by stem.

    def start(self, stem, name, rate):
        room = len(self.pools.files[stem][name]) - int(self.count * rate) - 3
        return int(self.rng.integers(room)) if room > 0 else 0

    def rate(self, stem=None):
        """Speed of a crop; basses also up to an octave higher than they were rendered."""
        if stem == "bass" and self.rng.random() < 0.2:
            return 2 ** self.rng.uniform(0, 1)
        return 2 ** (self.rng.uniform(-3.5, 3.5) / 12) if self.rng.random() < 0.4 else 1.0

    def single(self, stem, gain=1.0):
        """A crop of one stem that is not silent, from anywhere."""
        for _ in range(4):
            name, rate = self.pools.name(stem, self.rng), self.rate(stem)
            start = self.start(stem, name, rate)
            if self.pools.loud(stem, name, start, int(self.count * rate)):
                break
        return stem, name, start, rate, gain

    def stems(self):
        """The crops of an example by stem: half of the time those of one song."""
        rng, found = self.rng, {s: [] for s in STEMS}
        if rng.random() < 0.55:
            anchor = "bass" if rng.random() < 0.5 else "drums"
            name, rate = self.pools.name(anchor, rng), self.rate()
            start = self.start(anchor, name, rate)
            for stem in STEMS:
                if name in self.pools.files[stem]:
                    found[stem].append((stem, name, start, rate, 1.0))
        for stem in STEMS:
            if not found[stem]:
                found[stem].append(self.single(stem))
                if rng.random() < SECOND[stem]:
                    found[stem].append(self.single(stem, 10 ** (rng.uniform(-12, 3) / 20)))
        for stem in STEMS:
            if rng.random() < DROP[stem]:
                found[stem] = []
        return found

    def backed(self):
        """A song without a voice as one sound, and most of the time a voice."""
        voice = [self.single("vocals")] if self.rng.random() < 0.6 else []
        return {"drums": [], "bass": [], "vocals": voice, "other": [self.single("backing")]}

    # The sound, for a whole batch.

    def laid(self, drawn):
        """The crops played at their speeds and added up: float32 [B, 4, samples, 2]."""
        out = torch.zeros(len(drawn), 4, self.count, 2, device=self.device)
        jobs = [(i, k, *crop) for i, found in enumerate(drawn)
                for k, stem in enumerate(STEMS) for crop in found[stem]]
        for i, k, folder, name, start, rate, gain in jobs:
            rate = 1.0 if abs(rate - 1) < 1e-3 else rate
            x = self.pools.sound(folder, name, start, int(self.count * rate) + 3)
            x = x.to(torch.float32) * (gain / 32768)
            if rate == 1:
                x = x[: self.count]
                out[i, k, : len(x)] += x
                continue
            position = torch.arange(self.count, device=self.device, dtype=torch.float64) * rate
            index = position.long()
            kept = min(self.count, max(0, int((len(x) - 2) / rate)))
            weight = (position - index)[:kept].float()[:, None]
            index = index[:kept]
            out[i, k, :kept] += torch.lerp(x[index], x[index + 1], weight)
        return out

    def driven(self, x):
        """Some of the stems [B, 4, samples, 2] overdriven, from barely to plainly."""
        drive = 10 ** (self.rng.uniform(-12, 8, x.shape[:2]) / 20)
        for i, k in np.argwhere(self.rng.random(x.shape[:2]) < DRIVEN):
            level = float(x[i, k].square().mean().sqrt())
            if level > 1e-5:
                gain = float(drive[i, k]) / level
                x[i, k] = torch.tanh(x[i, k] * gain) / gain
        return x

    def varied(self, x, size):
        """Gain, polarity, width, balance and sides of the stems at random, a common compressor and
        level: [B, 4, samples, 2] -> [B, 4, 2, samples]."""
        draws = [[self.variation(stem) for stem in STEMS] for _ in range(size)]
        gain, width, left, right, swap = (self.tensor(np.array([[d[i] for d in row] for row in draws]))
                                          for i in range(5))
        mono = self.tensor(self.rng.random(size) < 0.15)[:, None]
        middle = x.mean(3)
        side = (x[..., 0] - x[..., 1]) * 0.5
        side *= (width * gain * (1 - mono))[..., None]
        middle *= gain[..., None]
        a, b = middle + side, middle - side
        left, right = (left * (1 - mono) + mono, right * (1 - mono) + mono)
        swap = swap[..., None]
        a, b = a * left[..., None], b * right[..., None]
        x = torch.stack([torch.lerp(a, b, swap), torch.lerp(b, a, swap)], 2)
        return x * self.common_gain(x, size)[:, None, None]

    def variation(self, stem):
        """(gain, width, left, right, swapped) of a stem."""
        rng = self.rng
        gain = rng.normal(MEAN[stem], 4.5)
        if stem == "vocals" and rng.random() < 0.25:
            gain += rng.uniform(3, 6)
        gain = 10 ** (gain / 20) * rng.choice([-1, 1])
        choice = rng.random()
        width = 0.0 if choice < 0.25 else rng.uniform(0, 1.4) if choice < 0.5 else 1.0
        p = 0.0
        if rng.random() < (0.4 if stem in ("other", "vocals") else 0.1):
            p = rng.uniform(-0.8, 0.8) if stem == "other" else rng.uniform(-0.4, 0.4)
        return gain, width, 1 - max(0, p), 1 + min(0, p), float(rng.random() < 0.5)

    def common_gain(self, x, size):
        """The master compressor of some examples and the level of all: [B, samples]."""
        rng = self.rng
        strength = np.where(rng.random(size) < 0.3, rng.uniform(0.2, 0.8, size), 0)
        curve = bus_compressor(x.sum(1), self.tensor(rng.uniform(0.4, 0.9, size)),
                               self.tensor(strength))
        level = ((x.sum(1) * curve[:, None]) ** 2).mean((1, 2)).sqrt() + 1e-5
        target = np.where(rng.random(size) < 0.35, rng.uniform(-42, -8, size),
                          rng.normal(-17, 5, size))
        return curve * (self.tensor(10 ** (target / 20)) / level).clamp_max(30)[:, None]

    def broken_off(self, x):
        """Some examples of [B, 4, 2, samples] silent for a while: what lies beyond the beginning or
        the end of a track says nothing about the sound, and the net shall not lean on it."""
        columns = self.frames
        for i in np.flatnonzero(self.rng.random(len(x)) < SILENT):
            length = int(self.rng.integers(columns // 8, columns * 3 // 4))
            start = int(self.rng.integers(-length // 2, columns - length // 2)) * HOP
            x[i, ..., max(0, start):start + length * HOP] = 0
        return x

    def tensor(self, array):
        return torch.from_numpy(np.asarray(array, np.float32)).to(self.device)


def bus_compressor(mixture, quantile, strength):
    """Gain curves [B, samples] as a master compressor makes them of mixtures [B, 2, samples]."""
    blocks = mixture.shape[2] // BLOCK
    energy = mixture[..., : blocks * BLOCK].square().reshape(len(mixture), 2, blocks, BLOCK)
    energy = (energy.mean((1, 3)) + 1e-9).sqrt()
    smooth = torch.nn.functional.avg_pool1d(energy[:, None], 5, 1, 2)[:, 0]
    energy = torch.maximum(energy, smooth)
    index = (quantile * (blocks - 1)).long()[:, None]
    threshold = energy.sort(1).values.gather(1, index)
    gain = (energy / threshold).clamp_min(1e-9).pow(-strength[:, None]).clamp_max(1)
    curve = torch.nn.functional.interpolate(gain[:, None], blocks * BLOCK, mode="linear")[:, 0]
    rest = mixture.shape[2] - blocks * BLOCK
    return torch.cat([curve, curve[:, -1:].expand(-1, rest)], 1) if rest else curve


def equaliser(rng):
    """Smooth random gains [4 stems, 2049 bins], sometimes with all highs cut as by lossy coding."""
    octaves = np.log2(np.maximum(np.arange(FFT_SIZE // 2 + 1), 1))
    gains = np.zeros((4, FFT_SIZE // 2 + 1))
    for i in range(4):
        if rng.random() < 0.7:
            gains[i] = np.interp(octaves, np.linspace(1, 11, 7), rng.normal(0, 4.5, 7))
    # Records differ most below 150 Hz: basses lean or full, kicks light or heavy.
    lows = 1 / (1 + (np.arange(gains.shape[1]) / (rng.uniform(60, 140) / 10.77)) ** 4)
    if rng.random() < 0.45:
        gains[1] -= lows * rng.uniform(0, 15)
    # Guitars and keys of bands have much more below 300 Hz than those that synthesizers play.
    if rng.random() < 0.6:
        edge = rng.uniform(180, 400) / 10.77
        gains[3] += rng.uniform(0, 11) / (1 + (np.arange(gains.shape[1]) / edge) ** 3)
    if rng.random() < 0.6:
        gains[0] += lows * rng.uniform(-3, 9)
    if rng.random() < 0.2:
        edge = int(rng.uniform(900, 1700))
        gains[:, edge:] -= np.minimum(60, np.arange(gains.shape[1] - edge))
    return (10 ** (gains / 20)).astype(np.float32)


class Batches(torch.utils.data.IterableDataset):
    """Endless batches; each loader process draws its own from the seed."""

    def __init__(self, folder, frames, size, seed, device="cpu"):
        self.folder, self.frames, self.size, self.seed = folder, frames, size, seed
        self.device = device

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        if worker:
            torch.set_num_threads(1)
        seed = [*self.seed, worker.id if worker else 0]
        mixer = Mixer(self.folder, self.frames, seed, self.device)
        while True:
            yield mixer.batch(self.size)


def loader(folder, frames, size, seed, workers, device="cpu"):
    """Batches made by processes beside the training, on a GPU by the training itself."""
    if torch.device(device).type != "cpu":
        return iter(Batches(folder, frames, size, seed, device))
    return iter(torch.utils.data.DataLoader(Batches(folder, frames, size, seed), batch_size=None,
                                            num_workers=workers,
                                            prefetch_factor=3 if workers else None))
