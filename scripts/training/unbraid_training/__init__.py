"""The recipe of Unbraid's default weights: render, pack, train, score, export."""

STEMS = ("drums", "bass", "vocals", "other")
SAMPLE_RATE = 44100
FFT_SIZE = 4096
HOP = 1024
BINS = 2048
FULL_SCALE = FFT_SIZE / 4  # |STFT| of a full-scale sine under a Hann window
# Columns a run, dropped on each side, blended with the next run.
SEGMENT = {"frames": 640, "context": 128, "crossfade": 16}
# A track that fits into one segment: what its columns are a multiple of, silence on each side.
SHORT = {"multiple": 8, "edge": 16}
