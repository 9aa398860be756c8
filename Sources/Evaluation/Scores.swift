#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The four ratios of BSS Eval for one source in one window, in dB; infinite where nothing is wrong.
package struct WindowRatios: Sendable, Equatable {
    /// Source to distortion: to all that is not the reference.
    package var sdr: Double
    /// Image to spatial distortion: to what a filter does to the reference.
    package var isr: Double
    /// Source to interference: to what comes from other references.
    package var sir: Double
    /// Source to artifacts: to what comes from no reference.
    package var sar: Double

    /// The ratio of two energies in dB.
    static func decibels(_ whole: Double, _ wrong: Double) -> Double {
        wrong > 0 ? 10 * log10(whole / wrong) : .infinity
    }
}

/// What is measured of one stem of one track.
package struct StemScores: Sendable, Equatable {
    /// The ratios window by window, those of silent windows missing; empty where they could not be
    /// had for the track.
    package var windows: [WindowRatios?] = []
    /// The energy of the reference to that of the difference, over the whole track, in dB.
    package var trackSDR: Double?
    /// The same after the estimate's best scaling (J.
    ///
    /// Le Roux and others, SDR: half-baked or well done?, 2019), in dB.
    package var trackSISDR: Double?

    /// The median of one ratio over the windows; none where no window has a value.
    ///
    /// Windows without a finite value are left out, as museval leaves them out. Where all values are
    /// infinite the median is.
    package func median(_ ratio: KeyPath<WindowRatios, Double>) -> Double? {
        let values = windows.compactMap { $0?[keyPath: ratio] }.filter { !$0.isNaN }
        return Self.median(values.filter(\.isFinite)) ?? (values.isEmpty ? nil : .infinity)
    }

    /// The median of numbers: the middle one, or the mean of the two in the middle.
    package static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
