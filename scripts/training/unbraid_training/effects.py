"""Studio effects on stereo sound, float32 arrays [samples, 2]; all random choices from `rng`."""

import numpy as np
from scipy import signal

from . import SAMPLE_RATE


def decibels(value):
    return float(10 ** (value / 20))


def level(x):
    """Root mean square over all samples and channels."""
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64)) + 1e-12))


def normalise(x, target=0.1, ceiling=0.98):
    """Scales to a root mean square of `target`, less where the peak would pass `ceiling`."""
    x = x * (target / max(level(x), 1e-6))
    peak = np.abs(x).max() + 1e-9
    return (x * min(1.0, ceiling / peak)).astype(np.float32)


def highpass(x, frequency, order=2):
    return filtered(x, "highpass", frequency, order)


def lowpass(x, frequency, order=2):
    return filtered(x, "lowpass", frequency, order)


def filtered(x, kind, frequency, order):
    sections = signal.butter(order, min(frequency, 0.45 * SAMPLE_RATE), kind, fs=SAMPLE_RATE,
                             output="sos").astype(np.float32)
    return signal.sosfilt(sections, x, axis=0).astype(np.float32)


def peak(x, frequency, gain, quality=1.0):
    """Peaking equaliser, gain in dB (the audio EQ cookbook's biquad)."""
    amplitude = 10 ** (gain / 40)
    w = 2 * np.pi * frequency / SAMPLE_RATE
    alpha = np.sin(w) / (2 * quality)
    b = np.array([1 + alpha * amplitude, -2 * np.cos(w), 1 - alpha * amplitude])
    a = np.array([1 + alpha / amplitude, -2 * np.cos(w), 1 - alpha / amplitude])
    return signal.lfilter(b / a[0], a / a[0], x, axis=0).astype(np.float32)


def tilt(x, rng, spread=4.0):
    """A few random broad equaliser bands."""
    for _ in range(rng.integers(1, 4)):
        x = peak(x, 60 * 2 ** rng.uniform(0, 7.5), rng.normal(0, spread), rng.uniform(0.4, 1.5))
    return x


def compress(x, threshold, ratio, attack=0.005, release=0.1, block=64):
    """Feed-forward compressor; threshold in dB below the loudest block."""
    count = len(x) // block
    if count < 8:
        return x
    energy = np.square(x[: count * block]).reshape(count, -1).mean(1) + 1e-10
    step = block / SAMPLE_RATE
    fast, slow = (1 - np.exp(-step / t) for t in (attack, release))
    quick = signal.lfilter([fast], [1, fast - 1], energy)
    decay = signal.lfilter([slow], [1, slow - 1], energy)
    envelope = 10 * np.log10(np.maximum(quick, decay) + 1e-10)
    over = np.maximum(0, envelope - envelope.max() - threshold)
    gain = 10 ** (-over * (1 - 1 / ratio) / 20)
    curve = np.interp(np.arange(len(x)), (np.arange(count) + 0.5) * block, gain)
    return (x * curve[:, None]).astype(np.float32)


def drive(x, gain, bias=0.0):
    """Soft clipping after `gain` dB, on a signal brought to peak 1."""
    x = x / (np.abs(x).max() + 1e-9)
    return (np.tanh(x * decibels(gain) + bias) - np.tanh(bias)).astype(np.float32)


def amplifier(x, rng, gain):
    """A guitar amplifier: tight lows, drive, and the band of a loudspeaker cabinet."""
    x = drive(highpass(x, rng.uniform(70, 160)), gain, rng.uniform(0, 0.3))
    x = peak(x, rng.uniform(300, 900), rng.uniform(-6, 3), 0.8)
    x = peak(x, rng.uniform(1800, 3500), rng.uniform(0, 6), 0.8)
    return highpass(lowpass(x, rng.uniform(3500, 7000), 4), rng.uniform(70, 120))


def echo(x, seconds, feedback, amount):
    """Repeats at equal distance, each `feedback` times as loud and darker."""
    out, tap, gain = x.copy(), x, amount
    delay = int(seconds * SAMPLE_RATE)
    for i in range(1, 6):
        if gain < 0.02 or i * delay >= len(x):
            break
        tap = lowpass(tap, 5000, 1)
        out[i * delay:] += tap[: len(x) - i * delay] * gain
        gain *= feedback
    return out


def room(rng, seconds, brightness):
    """Impulse response of a made-up room: noise in three bands, each with its own decay."""
    count = int(SAMPLE_RATE * min(2.5, seconds * 1.2 + 0.05))
    time = np.arange(count)[:, None] / SAMPLE_RATE
    noise = rng.standard_normal((count, 2)).astype(np.float32)
    noise[rng.random((count, 2)) < 0.6 * np.exp(-time / 0.03)] = 0
    dark = lowpass(noise, 600)
    middle = lowpass(noise, 4000) - dark
    bright = noise - dark - middle
    tail = (dark * np.exp(-6.9 * time / (seconds * 1.1)) + middle * np.exp(-6.9 * time / seconds)
            + bright * brightness * np.exp(-6.9 * time / (seconds * 0.5)))
    tail = np.roll(tail, int(rng.uniform(0, 0.03) * SAMPLE_RATE), 0)
    return (tail / np.sqrt(np.square(tail).sum() / 2 + 1e-9)).astype(np.float32)


def reverberate(x, rng, seconds=None, amount=None):
    """Adds a room; amount = level of the room's sound relative to the dry sound."""
    seconds = seconds or float(rng.choice([0.25, 0.4, 0.7, 1.2, 2.0])) * rng.uniform(0.7, 1.3)
    amount = amount if amount is not None else decibels(rng.uniform(-26, -7))
    wet = signal.oaconvolve(x, room(rng, seconds, rng.uniform(0.2, 1)), axes=0)[: len(x)]
    return (x + wet * (amount * level(x) / max(level(wet), 1e-7))).astype(np.float32)


def chorus(x, rng):
    """One modulated copy a channel."""
    index = np.arange(len(x), dtype=np.float64)
    out = x.copy()
    for channel in range(2):
        phase = 2 * np.pi * (rng.uniform(0.2, 1.5) * index / SAMPLE_RATE + rng.random())
        delay = SAMPLE_RATE * (rng.uniform(0.008, 0.02) + rng.uniform(0.0005, 0.003) * np.sin(phase))
        out[:, channel] += 0.7 * np.interp(index - delay, index, x[:, channel], left=0)
    return (out * 0.7).astype(np.float32)


def mono(x):
    return np.repeat(x.mean(1, keepdims=True), 2, 1)


def pan(x, position):
    """Places the mono sum; position -1 (left) to 1 (right), constant power."""
    angle = (position + 1) * np.pi / 4
    gains = np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(np.sqrt(2))
    return x.mean(1, keepdims=True) * gains


def double(x, rng):
    """The same part left and right with a short delay, as double-tracked guitars are heard."""
    voice = x.mean(1)
    shift = int(rng.uniform(0.006, 0.028) * SAMPLE_RATE)
    late = np.concatenate([np.zeros(shift, np.float32), voice[:-shift]])
    return np.stack([voice, late] if rng.random() < 0.5 else [late, voice], 1)


def place(x, rng):
    """Centre, panned, doubled or as recorded."""
    choice = rng.choice(4, p=[0.25, 0.3, 0.2, 0.25])
    if choice == 0:
        return mono(x)
    if choice == 1:
        return pan(x, rng.uniform(-0.9, 0.9))
    return double(x, rng) if choice == 2 else x
