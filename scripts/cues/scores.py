"""Scores of cues against known times, by mir_eval."""

import mir_eval
import numpy as np


def merged(times, distance=0.030):
    """Hits that sound as one: those within 30 ms of the first of them."""
    result = []
    for time in sorted(times):
        if not result or time - result[-1] >= distance:
            result.append(time)
    return np.array(result)


def onset_scores(wanted, allowed, found):
    """F-measure, precision and recall at 25 ms, and the signed errors of what matches.

    A found onset is right if it matches an allowed one; a wanted one is missed if nothing matches it.
    """
    found = np.array(found)
    precision = mir_eval.onset.f_measure(merged(allowed), found, window=0.025)[1]
    recall = mir_eval.onset.f_measure(merged(wanted), found, window=0.025)[2]
    pairs = mir_eval.util.match_events(merged(allowed), found, 0.025)
    errors = [found[j] - merged(allowed)[i] for i, j in pairs]
    total = precision + recall
    return (2 * precision * recall / total if total else 0.0), precision, recall, errors


def beat_score(wanted, found, trim=True):
    """The F-measure of beats at 70 ms, without the first five seconds as is the custom."""
    if trim:
        wanted, found = (mir_eval.beat.trim_beats(np.array(x)) for x in (wanted, found))
    return mir_eval.beat.f_measure(np.array(wanted), np.array(found))
