import numpy as np
import pytest

from unbraid_training import SAMPLE_RATE, compose, effects
from unbraid_training.electronic import ducked, sequence
from unbraid_training.machines import KICK, STYLES, Machine, loop, rhythm
from unbraid_training.synthesizers import synthesizer_line, synthesizer_part

SECONDS = 6.0


def score(seed):
    rng = np.random.default_rng(seed)
    bpm, notes = rhythm(rng, SECONDS)
    return compose.with_progression(bpm, SECONDS, notes, rng), rng


def test_a_rhythm_stays_within_its_time_and_its_tempo():
    for seed in range(40):
        bpm, notes = rhythm(np.random.default_rng(seed), SECONDS)
        assert min(s[0] for s in STYLES.values()) <= bpm <= max(s[1] for s in STYLES.values())
        assert notes == sorted(notes) and 0 <= notes[0][0] and notes[-1][0] < SECONDS


def test_every_loop_has_the_kicks_of_its_style():
    for _, _, _, kicks, snares in STYLES.values():
        bar = loop(np.random.default_rng(1), kicks, snares)
        assert set(kicks) <= {step for step, pitch, _ in bar if pitch == KICK}


@pytest.mark.parametrize("seed", range(4))
def test_a_song_is_the_same_from_the_same_seed_and_audible(seed):
    def made():
        known, rng = score(seed)
        line = sequence(known, rng)
        return (Machine(rng).play(known.drums, SECONDS), synthesizer_line(line, SECONDS, rng),
                synthesizer_part(line, SECONDS, rng))

    for first, second in zip(made(), made()):
        assert first.shape == (int(SECONDS * SAMPLE_RATE), 2) and np.isfinite(first).all()
        assert effects.level(first) > 1e-3 and np.array_equal(first, second)


def test_each_kick_of_a_machine_begins_where_the_notes_say():
    machine = Machine(np.random.default_rng(3))
    track = np.abs(machine.play([(0.5, 0.1, KICK, 110), (1.25, 0.1, KICK, 110)], 2.0)).max(1)
    for start in (0.5, 1.25):
        at = int(start * SAMPLE_RATE)
        assert track[at:at + 441].max() > 0.1
    assert track[: int(0.5 * SAMPLE_RATE)].max() == 0


def test_a_ducked_sound_is_quieter_after_each_kick_and_never_louder():
    x = np.ones((SAMPLE_RATE, 2), np.float32)
    y = ducked(x, [0.25, 0.75], np.random.default_rng(2))
    assert y.max() <= 1 and np.array_equal(y[: SAMPLE_RATE // 4], x[: SAMPLE_RATE // 4])
    for start in (0.25, 0.75):
        at = int((start + 0.006) * SAMPLE_RATE)
        assert y[at].max() < 0.75
