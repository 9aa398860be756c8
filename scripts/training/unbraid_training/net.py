"""The separator: a U-Net over the mixture's spectrogram that gives a mask per stem and channel.

Shapes: B examples, C channels, T frames, N bins of the STFT, F rows that the net works on.

The lowest 768 bins are folded by 4 into 192 rows, the rest by 20 into 64 rows: fine where the
partials of voices and basses lie, coarse above 8.3 kHz where only noises and brightness are.
"""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional

from . import BINS, FULL_SCALE

FLOOR = 1e-5  # of a full-scale sine: -100 dB, below it features are flat
LOUD = 5e-5  # power that a segment is brought to: -20 dB, and what changes of level add
QUIET = 3e-10  # added to a segment's power: below -70 dB it stays as quiet as it is
TINY = 1e-20


@dataclass(frozen=True)
class Shape:
    """Widths of the net: everything needed to build it again."""

    widths: tuple = (48, 64, 96, 128)
    split: int = 768
    low_fold: int = 4
    high_fold: int = 20
    dilations: tuple = (1, 2, 4)
    squeeze: int = 8

    @property
    def low_rows(self):
        return self.split // self.low_fold

    @property
    def rows(self):
        return self.low_rows + (BINS - self.split) // self.high_fold

    def as_dict(self):
        return asdict(self)


class ConvNormRelu(nn.Module):
    """3x3 convolution (dilated over frames), batch normalisation, ReLU."""

    def __init__(self, inputs, outputs, stride=1, dilation=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, (dilation, 1), (dilation, 1), bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return functional.relu(self.norm(self.conv(x)))


class RowMixer(nn.Module):
    """Residual bottleneck over the rows: every row sees all others of its frame and channel."""

    def __init__(self, channels, rows, squeeze):
        super().__init__()
        self.down = nn.Linear(rows, rows // squeeze, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.up = nn.Linear(rows // squeeze, rows, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = functional.relu(self.norm1(self.down(x)))
        return x + functional.relu(self.norm2(self.up(y)))


class Block(nn.Module):
    """Residual 3x3 convolutions followed by a row mixer."""

    def __init__(self, channels, rows, count, dilation, squeeze):
        super().__init__()
        self.convs = nn.ModuleList(
            ConvNormRelu(channels, channels, dilation=dilation if i else 1) for i in range(count)
        )
        self.mixer = RowMixer(channels, rows, squeeze)

    def forward(self, x):
        y = x
        for conv in self.convs:
            y = conv(y)
        return self.mixer(x + y)


class Up(nn.Module):
    """Transposed 2x2 convolution of stride 2, smoothed over frames, batch normalisation, ReLU.

    Without smoothing a frame's weights depend on whether it is even or odd, and the masks of a
    steady sound ripple with the stride of the bottom.
    """

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.ConvTranspose2d(inputs, outputs, 2, 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        y = functional.conv_transpose2d(x, smoothed(self.conv.weight), stride=2, padding=(1, 0))
        return functional.relu(self.norm(y))


def smoothed(weight):
    """A transposed convolution's weights [inputs, outputs, 2, rows] -> [inputs, outputs, 4, rows]:
    followed by the weights 1/4, 1/2, 1/4 over frames, so that even and odd taps have one sum."""
    first, second = weight[:, :, :1], weight[:, :, 1:]
    return torch.cat([first, 2 * first + second, first + 2 * second, second], 2) * 0.25


class Separator(nn.Module):
    """Levels [B, 4, T, 2048] and turns [B, 4, T, split] of `features` -> mask logits
    [B, 8 (stem-major, channel), T, 2048]."""

    def __init__(self, shape=Shape()):
        super().__init__()
        self.shape = shape
        widths, rows = shape.widths, shape.rows
        depth = len(widths) - 1
        self.low_in = nn.Conv2d(8, widths[0], (1, shape.low_fold), (1, shape.low_fold))
        self.high_in = nn.Conv2d(4, widths[0], (1, shape.high_fold), (1, shape.high_fold))
        self.entry = ConvNormRelu(widths[0], widths[0])
        self.encoders = nn.ModuleList()
        self.downs = nn.ModuleList()
        self.ups = nn.ModuleList()
        self.decoders = nn.ModuleList()
        for i in range(depth):
            count = 1 if i == 0 else 2
            block = (widths[i], rows >> i, count, 1, shape.squeeze)
            if i > 0:
                self.encoders.append(Block(*block))
            else:
                self.encoders.append(RowMixer(widths[0], rows, shape.squeeze))
            self.downs.append(ConvNormRelu(widths[i], widths[i + 1], stride=2))
            self.ups.append(Up(widths[i + 1], widths[i]))
            self.decoders.append(Block(*block))
        self.bottom = nn.ModuleList(
            Block(widths[-1], rows >> depth, 2, dilation, shape.squeeze)
            for dilation in shape.dilations
        )
        self.low_out = nn.Conv2d(2 * widths[0], 8 * shape.low_fold, 1)
        self.high_out = nn.Conv2d(2 * widths[0], 8 * shape.high_fold, 1)

    def forward(self, levels, turns):
        low, high = self.bands(levels, turns)
        return torch.cat([unfold(low, self.shape.low_fold), unfold(high, self.shape.high_fold)], 3)

    def bands(self, levels, turns):
        """Logits still folded: [B, 8 * fold, T, rows] of the low and of the high band."""
        split = self.shape.split
        low = torch.cat([levels[..., :split], turns], 1)
        raw = torch.cat([self.low_in(low), self.high_in(levels[..., split:])], 3)
        y = self.entry(raw)
        skips = []
        for encoder, down in zip(self.encoders, self.downs):
            y = encoder(y)
            skips.append(y)
            y = down(y)
        for block in self.bottom:
            y = block(y)
        for up, decoder, skip in zip(reversed(self.ups), reversed(self.decoders), reversed(skips)):
            y = decoder(up(y) + skip)
        y = torch.cat([y, raw], 1)
        low_rows = self.shape.low_rows
        return self.low_out(y[..., :low_rows]), self.high_out(y[..., low_rows:])

    @torch.no_grad()
    def soften(self, factor):
        """Multiplies all logits: below 1 the masks come nearer to each other."""
        for out in (self.low_out, self.high_out):
            out.weight *= factor
            out.bias *= factor


def unfold(y, fold):
    """[B, 8 * fold, T, F] -> [B, 8, T, F * fold]; the fold is the slower index of the channels."""
    batch, channels, frames, rows = y.shape
    y = y.reshape(batch, fold, channels // fold, frames, rows).permute(0, 2, 3, 4, 1)
    return y.reshape(batch, channels // fold, frames, rows * fold)


def features(spectrum, split):
    """What the net hears, at one loudness whatever the level of the sound.

    spectrum: [B, 4 (L.re, L.im, R.re, R.im), T, N], unscaled STFT. Returns

    - levels [B, 4, T, N]: log magnitudes of left, right, mid and side;
    - turns [B, 4, T, split]: how the phase turns from the frame before (cosine, sine) and to the
      next bin (cosine, sine). The first is a tone's frequency more finely than bins tell it, the
      second is when in the frame a sound begins.
    """
    x = spectrum * (1 / FULL_SCALE)
    left, right = x[:, 0:2], x[:, 2:4]
    parts = [left, right, (left + right) * 0.5, (left - right) * 0.5]
    power = torch.cat([p[:, 0:1] ** 2 + p[:, 1:2] ** 2 for p in parts], 1)
    gain = LOUD / (loudness(power) + QUIET)
    # 0.5 log10(power) = log10(magnitude); centred and scaled to about -1..1
    levels = torch.log(power * gain + FLOOR**2) * (0.5 / (2.302585093 * 1.2)) + 2.5 / 1.2
    here, after = x[..., :split], x[..., 1 : split + 1]
    before = functional.pad(here[:, :, :-1], (0, 0, 1, 0))
    return levels, torch.cat([turn(here, before, gain), turn(here, after, gain)], 1)


def turn(a, b, gain):
    """Cosine and sine of the angle from b to a over both channels, nothing where either is silent:
    two spectra [B, 4, T, N] -> [B, 2, T, N]."""
    product = a * b
    cosine = product.sum(1, keepdim=True)
    sine = (a[:, 1::2] * b[:, 0::2] - a[:, 0::2] * b[:, 1::2]).sum(1, keepdim=True)
    size = ((a * a).sum(1, keepdim=True) * (b * b).sum(1, keepdim=True)).sqrt()
    return torch.cat([cosine, sine], 1) * (gain / (size * gain + FLOOR**2))


def loudness(power):
    """Mean power of a bin over the segment's frames, each frame weighted by its power, so that
    silence beside the sound does not count: [B, C, T, N] -> [B, 1, 1, 1]."""
    frame = (power[:, 0:1] + power[:, 1:2]).mean(3, keepdim=True)
    return (frame * frame).mean(2, keepdim=True) / (frame.mean(2, keepdim=True) + TINY)


def masks(logits):
    """[B, 8, T, N] -> [B, 4 stems, 2 channels, T, N] that sum to one over the stems."""
    batch, _, frames, bins = logits.shape
    return torch.softmax(logits.reshape(batch, 4, 2, frames, bins), 1)
