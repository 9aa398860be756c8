package import AudioIO

/// What a user may choose about the separation of every track of a batch.
///
/// Plain values: they travel to worker processes. What an extra needs is an optional member.
package struct SeparationOptions: Sendable, Hashable, Codable {
    /// The file format of the stems.
    package var format: FileFormat = .wav
    /// How samples are stored; nil for what suits the source, see
    /// `FileFormat.defaultSampleFormat(for:)`.
    package var samples: SampleFormat?
    /// Where to begin in each track, in seconds.
    package var start = 0.0
    /// How much of each track to take, in seconds; all of it if nil.
    package var duration: Double?
    /// Whether files that exist are replaced; a track whose stems exist fails otherwise.
    package var overwrites = false
    /// Whether what can be read of damaged files is separated, instead of none of it.
    package var salvages = false
    /// The page that is written beside the stems; none if nil.
    package var report: ReportOptions?

    /// One file of the mixture and its four stems; nil for none.
    package var stemContainer: StemContainerOptions?

    /// The standard choices.
    package init() {}
}
