package import Inference

/// What came of comparing the stems of one track.
package struct TrackEvaluation: Sendable {
    /// One stem's scores.
    package struct Stem: Sendable {
        /// The stem.
        package let name: String
        /// What was measured.
        package let scores: StemScores
    }

    /// Something that the user should know although the track was measured.
    package enum Note: Sendable, Equatable {
        /// There is no estimate of a reference.
        case missing(String)
        /// There is no reference for an estimate.
        case unknown(String)
        /// An estimate is longer or shorter by so many samples.
        case length(StemFiles.Difference)
        /// There are no ratios of BSS Eval; which stems it is about.
        case noRatios(BSSEval.Fault, stems: [String])
    }

    /// The track.
    package let track: EvaluationPlan.Track
    /// The stems in the order of their names.
    package private(set) var stems: [Stem] = []
    /// What the user should know.
    package private(set) var notes: [Note] = []

    /// Measures a track.
    ///
    /// As museval has it, the vocals are compared with all the rest where there is an estimate of
    /// that, and the other stems among themselves (the vocals with them).
    ///
    /// - Throws: ``StemFiles/Fault``.
    package init(_ track: EvaluationPlan.Track, pool: WorkerPool) throws {
        self.track = track
        notes = track.missing.map { .missing($0) } + track.unknown.map { .unknown($0) }
        let vocals = track.stems.filter { $0.name == "vocals" }
        let rest = track.stems.filter { $0.name == EvaluationPlan.accompaniment }
        let isPair = !vocals.isEmpty && !rest.isEmpty
        let parts = isPair ? track.stems.filter { $0 != rest[0] } : track.stems
        // The vocals beside the other parts tell what they take from those; their own scores are
        // those of the pair.
        if parts.count > 1 || !isPair, !parts.isEmpty {
            try measure(parts, reporting: isPair ? parts.filter { $0 != vocals[0] } : parts, pool)
        }
        if isPair { try measure(vocals + rest, reporting: vocals + rest, pool) }
        stems.sort { $0.name < $1.name }
    }

    private mutating func measure(
        _ stems: [EvaluationPlan.Stem], reporting reported: [EvaluationPlan.Stem],
        _ pool: WorkerPool
    ) throws {
        let files = try StemFiles(stems)
        let outcome = try BSSEval.measure(files, pool: pool)
        for (stem, scores) in zip(stems, outcome.stems) where reported.contains(stem) {
            self.stems.append(Stem(name: stem.name, scores: scores))
        }
        let names = reported.map(\.name)
        notes += files.differences.filter { names.contains($0.stem) }.map { .length($0) }
        guard let fault = outcome.fault else { return }
        switch fault {
        case .silentReference(let index), .silentEstimate(let index):
            notes.append(.noRatios(fault, stems: [stems[index].name]))
        default: notes.append(.noRatios(fault, stems: names))
        }
    }
}

/// The medians over tracks of the tracks' figures for one stem, in dB.
package struct StemSummary: Sendable {
    /// The stem.
    package let name: String
    /// Tracks that have it.
    package let tracks: Int
    /// The median of the tracks' medians of each ratio.
    package let ratios: [Double?]
    /// The median of whole-track SDR and SI-SDR.
    package let whole: [Double?]

    /// The ratios in the order of ``ratios``.
    package static let order: [any KeyPath<WindowRatios, Double> & Sendable] = [
        \.sdr, \.isr, \.sir, \.sar,
    ]

    /// A summary of each stem, in the order of their names.
    package static func all(of tracks: [TrackEvaluation]) -> [StemSummary] {
        let names = Set(tracks.flatMap { $0.stems.map(\.name) }).sorted()
        return names.map { name in
            let scores = tracks.flatMap(\.stems).filter { $0.name == name }.map(\.scores)
            func median(_ value: (StemScores) -> Double?) -> Double? {
                let values = scores.compactMap(value)
                return StemScores.median(values.filter(\.isFinite))
                    ?? (values.isEmpty ? nil : .infinity)
            }
            return StemSummary(
                name: name, tracks: scores.count,
                ratios: order.map { path in median { $0.median(path) } },
                whole: [median(\.trackSDR), median(\.trackSISDR)])
        }
    }
}
