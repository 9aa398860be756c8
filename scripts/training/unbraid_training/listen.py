"""Listening with numbers: rendered stems, training examples and real stems side by side.

Of each kind of sound in the pools, and of real songs where a folder is given: level (RMS of what is
not silent), crest factor, shares of the energy by octave, the share below 260 Hz as quartiles (real
records differ there most), and onsets a second. Of examples and of real songs also how loud each
stem is beside the mixture: a net that heard a stem too soft gives too little to it.
"""

import numpy as np
import torch

from . import FFT_SIZE, HOP, SAMPLE_RATE, STEMS
from .mixing import Mixer
from .score import excerpts
from .spectrum import columns

EDGES = (0, 65, 130, 260, 520, 1035, 2070, 4135, 8270, 13780, 22051)  # Hz
BINS = [round(e * FFT_SIZE / SAMPLE_RATE) for e in EDGES]
HEAD = 20.0  # seconds looked at, from the middle
SILENT = -60.0  # dB: quieter crops are not counted


def facts(x, gains=1.0):
    """float32 [samples, 2] -> dict of one sound, or None where it is silent.

    gains: an equaliser's factors of the bins, which count in bands and onsets."""
    level = 10 * np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-12)
    if level < SILENT or len(x) < 2 * FFT_SIZE:
        return None
    power = columns(torch.from_numpy(np.ascontiguousarray(x.T))).abs().square().sum(0).numpy()
    power = power * np.square(gains)
    return {"level": level, "crest": 20 * np.log10(np.abs(x).max() + 1e-9) - level,
            "bands": shares(power.sum(0)), "onsets": onsets(power)}


def shares(energy):
    """Energy of the bins -> shares of the octaves."""
    sums = np.array([energy[a:b].sum() for a, b in zip(BINS, BINS[1:])])
    return sums / (sums.sum() + 1e-12)


def onsets(power):
    """Onsets a second of a spectrogram [frames, bins]: peaks of the rise of the log energy in
    bands, above the median by a third of what the loudest rise."""
    bands = np.stack([power[:, a:b].sum(1) for a, b in zip(BINS, BINS[1:])])
    log = np.log10(bands + 1e-4 * bands.mean())
    rise = np.maximum(np.diff(log, axis=1), 0).sum(0)
    height = np.median(rise) + 0.33 * (np.quantile(rise, 0.98) - np.median(rise))
    peaks = (rise[1:-1] > height) & (rise[1:-1] >= rise[:-2]) & (rise[1:-1] > rise[2:])
    return peaks.sum() / (len(rise) * HOP / SAMPLE_RATE)


def balance(stems, gains=1.0):
    """float32 [4, samples, 2] -> each stem's energy over the mixture's in dB [4], all and below
    260 Hz; -inf where the stem is silent.

    gains: an equaliser's factors [4, bins]."""
    gains = np.broadcast_to(np.asarray(gains, np.float32), (4, FFT_SIZE // 2 + 1))
    bins = columns(torch.from_numpy(np.ascontiguousarray(stems.transpose(0, 2, 1)))).numpy()
    bins = bins * gains[:, None, None]
    rows = []
    for kept in (bins, bins[..., :BINS[3]]):
        energy = np.square(np.abs(kept)).sum((1, 2, 3))
        with np.errstate(divide="ignore", invalid="ignore"):
            rows.append(10 * np.log10(energy / np.square(np.abs(kept.sum(0))).sum()))
    return np.stack(rows)


def of_pools(folder, share, rng):
    """{stem: {kind: [facts]}} of a share of the pool files."""
    found = {stem: {} for stem in STEMS}
    for stem in STEMS:
        for path in sorted((folder / stem).glob("*.npy")):
            if rng.random() < share:
                sound = np.load(path, mmap_mode="r")
                count = min(len(sound), int(HEAD * SAMPLE_RATE))
                start = (len(sound) - count) // 2
                x = np.array(sound[start:start + count], np.float32) / 32768
                found[stem].setdefault(path.stem.split("_")[0], []).append(facts(x))
    return found


def of_examples(folder, count):
    """{stem: [facts]} of training examples as the net gets them, and the balance of those that
    have all stems [examples, 2, 4]."""
    mixer, found, balances = Mixer(folder, 256, 8), {stem: [] for stem in STEMS}, []
    for _ in range(count):
        sound, gains, known = mixer.batch(1)
        for k, stem in enumerate(STEMS):
            if known[0, k]:
                found[stem].append(facts(sound[0, k].numpy().T, gains[0, k].numpy()))
        if known.all():
            balances.append(balance(sound[0].numpy().transpose(0, 2, 1), gains[0].numpy()))
    return found, whole(balances)


def whole(balances):
    """Those of songs in which every stem is heard: above a thousandth of the mixture's energy."""
    return [b for b in balances if (b[0] > -30).all()]


def line(title, rows):
    rows = [r for r in rows if r]
    if not rows:
        return f"  {title:12s} silent"
    bands = 100 * np.mean([r["bands"] for r in rows], 0)
    lows = 100 * np.quantile([r["bands"][:3].sum() for r in rows], [0.25, 0.5, 0.75])
    level, crest, rate = (np.median([r[k] for r in rows]) for k in ("level", "crest", "onsets"))
    return (f"  {title:12s} {len(rows):4d} {level:6.1f} {crest:6.1f} {rate:6.1f}   "
            + "/".join(f"{q:.0f}" for q in lows).ljust(11)
            + " ".join(f"{b:4.1f}" for b in bands))


def listen(pools, songs=None, share=0.2, examples=40, seed=0):
    """Prints the tables; songs: a folder of real songs, each a folder of four stems."""
    torch.set_grad_enabled(False)
    rendered = of_pools(pools, share, np.random.default_rng(seed))
    mixed, balances = of_examples(pools, examples)
    real, real_balances = {stem: [] for stem in STEMS}, []
    for _, stems in excerpts(songs, seconds=HEAD, start=0) if songs else ():
        for stem, x in zip(STEMS, stems):
            real[stem].append(facts(x.astype(np.float32)))
        real_balances.append(balance(stems.astype(np.float32)))
    print("  kind        count  level  crest onsets/s  <260 Hz %  energy in % up to "
          + " ".join(str(e) for e in EDGES[1:]) + " Hz")
    for stem in STEMS:
        print(stem)
        for kind, rows in sorted(rendered[stem].items()):
            print(line(kind, rows))
        print(line("examples", mixed[stem]))
        if songs:
            print(line("real songs", real[stem]))
    print("  stem beside the mixture, dB, medians: all, and below 260 Hz  " + " ".join(STEMS))
    for title, rows in (("examples", balances), ("real songs", whole(real_balances))):
        if rows:
            medians = [" ".join(f"{v:6.1f}" for v in row) for row in np.median(rows, 0)]
            print(f"  {title:12s} {len(rows):4d} " + "   ".join(medians))
