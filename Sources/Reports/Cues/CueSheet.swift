/// Everything about the rhythm and the events of one track: of its mix and of its stems.
package struct CueSheet: Sendable {
    /// What was listened to: the mix first, then the stems.
    package let sources: [SourceCues]
    /// Tempo, beats and bars of the track.
    package let rhythm: Rhythm

    /// A sheet of these sources; the mix, where it is among them, is the first.
    ///
    /// - Precondition: there is a source.
    package init(_ sources: [SourceCues]) {
        let loudest = sources.map(\.levels.loud).max()
        self.sources = sources.map { source in
            var source = source
            source.regions = ActivityRegions.regions(
                source.levels, sampleRate: source.sampleRate, track: loudest)
            return source
        }
        rhythm = BeatTracker.rhythm(of: self.sources)
    }
}

/// The cues of the mix or of one stem.
package struct SourceCues: Sendable {
    /// `mix`, or the stem's name.
    package let name: String
    /// The file's name without its folder.
    package let file: String
    /// Samples a second, in Hz.
    package let sampleRate: Int
    /// Channels.
    package let channels: Int
    /// Samples a channel.
    package let length: Int
    /// The features at even distances.
    package let frames: FrameTrack
    /// Where something begins to sound, in order.
    package let onsets: [Onset]
    /// Sound and silence by turns, from the first sample to the last.
    package internal(set) var regions: [Region] = []
    /// The level in short blocks.
    let levels: BlockLevels
    /// The onset function that beats are found in.
    let function: OnsetFunction

    /// The seconds from the first sample to one.
    package func time(_ sample: Int) -> Double { Double(sample) / Double(sampleRate) }
    /// The length in seconds.
    package var seconds: Double { time(length) }
}

/// The beginning of a sound.
package struct Onset: Sendable, Hashable {
    /// The first sample of the attack.
    package var sample: Int
    /// The mean rise over the bands of the spectrum, 0...1, on a logarithmic scale: 1 is the step
    /// from silence to full scale in all bands.
    package var strength: Float
    /// What was hit, where the source is drums.
    package var drum: Drum?
}

/// What kind of drum an onset is.
package enum Drum: String, Sendable, Hashable, CaseIterable {
    /// The bass drum.
    case kick
    /// The snare drum, rim and claps included.
    case snare
    /// The hi-hat, open or closed.
    case hat
    /// Any other: toms, cymbals, percussion.
    case other
}

/// A stretch of sound or of silence.
package struct Region: Sendable, Hashable {
    /// Samples, from the first to before the end.
    package var samples: Range<Int>
    /// Whether something sounds.
    package var isActive: Bool
}

/// Tempo, beats and bars.
package struct Rhythm: Sendable, Hashable {
    /// The names of the sources that it was found in.
    package var sources: [String] = []
    /// The rate that the beats' samples count in, in Hz.
    package var sampleRate = 44_100
    /// Beats in a bar; 0 where there are no beats.
    package var meter = 0
    /// All beats in order.
    package var beats: [Beat] = []
    /// The tempo from each beat on, in beats a minute; as many as there are beats.
    package var tempo: [Double] = []

    /// No beats.
    package init() {}

    /// One beat.
    package struct Beat: Sendable, Hashable {
        /// Where it lies.
        package var sample: Int
        /// Its place in the bar, 0 for the downbeat.
        package var position: Int

        /// A beat at a place.
        package init(sample: Int, position: Int) {
            self.sample = sample
            self.position = position
        }
    }

    /// The seconds from the first sample to one.
    package func time(_ sample: Int) -> Double { Double(sample) / Double(sampleRate) }

    /// The middle one of all tempi, nil where there are no beats.
    package var medianTempo: Double? {
        tempo.isEmpty ? nil : tempo.sorted()[tempo.count / 2]
    }

    /// The samples of the downbeats.
    package var downbeats: [Int] { beats.filter { $0.position == 0 }.map(\.sample) }
}
