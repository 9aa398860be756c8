"""The recipe of Unbraid's default weights: render, pack, train, score, export."""

STEMS = ("drums", "bass", "vocals", "other")
SAMPLE_RATE = 44100
FFT_SIZE = 4096
HOP = 1024
BINS = 2048
FULL_SCALE = FFT_SIZE / 4  # |STFT| of a full-scale sine under a Hann window
# Columns a run, dropped on each side, blended with the next run.
SEGMENT = {"frames": 512, "context": 96, "crossfade": 16}
