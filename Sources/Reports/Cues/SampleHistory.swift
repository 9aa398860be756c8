/// The latest samples of every channel, addressed by their place in the track.
///
/// What lies before the first sample, and after the last one, is zero.
struct SampleHistory {
    /// The samples, `[channel][sample - first]`.
    private(set) var samples: [[Float]]
    /// The place of the first sample that is still here.
    private(set) var first: Int
    /// Samples of the track that have come.
    private(set) var length = 0

    /// A history that begins with zeros in front of the track.
    init(channels: Int, zeros: Int) {
        samples = Array(repeating: Array(repeating: 0, count: zeros), count: channels)
        first = -zeros
    }

    /// The place after the last sample that is here.
    var end: Int { first + samples[0].count }

    /// Takes the next samples of every channel.
    mutating func push(_ block: [[Float]]) {
        for channel in samples.indices { samples[channel] += block[channel] }
        length += block[0].count
    }

    /// Puts zeros after the end of the track.
    mutating func pad(_ count: Int) {
        for channel in samples.indices {
            samples[channel].append(contentsOf: repeatElement(0, count: count))
        }
    }

    /// Forgets what lies before a place, once that is much.
    mutating func forget(before place: Int) {
        let count = place - first
        guard count >= 1 << 16 else { return }
        for channel in samples.indices { samples[channel].removeFirst(count) }
        first = place
    }
}
