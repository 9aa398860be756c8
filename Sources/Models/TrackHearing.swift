import Signal

/// What passes over a whole track have told of it, for a Wiener filter whose covariances are those
/// of the track and not of one segment.
///
/// Each pass gives the covariances for one iteration: the filter is run as far as they are known, and
/// what comes out is summed. Memory does not depend on the track's length.
struct TrackHearing {
    /// Of two channels.
    private struct Pair {
        /// The covariances of the passes that have ended, `[pass]`; see ``WienerFilter``.
        var rounds: [[SIMD4<Double>]] = []
        /// The sums of the pass at hand.
        var sums: [SIMD4<Double>] = []
        /// The mixture's largest absolute value.
        var loudest: Float = 0
        /// What values are divided by.
        var scale: Float = 1
    }

    private var pairs: [Pair] = []
    private var pass = 0
    /// The filter of the pass before, which knows what to divide sums by.
    private var filter: WienerFilter?

    /// Begins a pass: 0 first.
    mutating func begin(pass: Int) {
        self.pass = pass
        guard let filter else { return }
        for index in pairs.indices where pairs[index].rounds.count < pass {
            let isFirst = pairs[index].rounds.isEmpty
            pairs[index].scale = WienerFilter.scale(loudest: pairs[index].loudest)
            // Later passes sum what is divided already.
            pairs[index].rounds.append(
                filter.covariances(
                    of: pairs[index].sums, scale: isFirst ? pairs[index].scale : 1))
            pairs[index].sums = filter.noSums
        }
    }

    /// Takes the first estimates of a segment, `[frame, channel, stem, bin]`, as far as this pass can.
    ///
    /// - Parameters:
    ///   - counted: frames of which the track's sums are made.
    ///   - isLast: whether a pass is the one that gives the stems.
    mutating func take(
        _ estimates: inout [SIMD2<Float>], of mixture: Spectrogram, pair: Int,
        counted: Range<Int>, by filter: WienerFilter, isLast: (Int) -> Bool
    ) {
        self.filter = filter
        while pairs.count <= pair { pairs.append(Pair(sums: filter.noSums)) }
        let known = pairs[pair]
        if isLast(pass) {
            filter.refine(
                &estimates, mixture: mixture, rounds: known.rounds, scale: known.scale)
            return
        }
        if pass == 0 {
            pairs[pair].loudest = max(known.loudest, WienerFilter.loudest(of: mixture))
        } else {
            filter.refine(
                &estimates, mixture: mixture, rounds: known.rounds, scale: known.scale)
            filter.divide(&estimates, by: known.scale)
        }
        filter.add(estimates, frames: counted, to: &pairs[pair].sums)
    }
}
