/// How much of a track a stem is there, and how sure the masks were about it.
package struct StemPresence: Sendable, Hashable, Codable {
    /// The share of the track, 0...1, in which the stem is active.
    ///
    /// Of all stretches of 0.4 s in which the mixture is above -60 dBFS, those in which the stem is
    /// above -60 dBFS, at most 20 dB below the mixture, and more than what leaks: the mean of the
    /// masks, weighted by what they let through, is above 0.4.
    package let activity: Double
    /// How far from 0.5 the masks were on the whole, 0...1, weighted with the mixture's energy: 1
    /// where every bit of sound was either the stem's or not, 0 where all of it was divided in half.
    ///
    /// It is 1 - 4 E(m (1 - m) |X|^2) / E(|X|^2) over all bins of all frames, for mask m and mixture
    /// X. With real masks E(m (1 - m) |X|^2) is the inner product of the stem with the rest of the
    /// mixture, which Parseval's theorem allows to take in time: no mask need be looked at.
    package let certainty: Double

    /// How much of what the masks let through was the stem's own, 0...1: what a list is sorted by to
    /// find the tracks that have it.
    ///
    /// It is E(m^2 |X|^2) / E(m |X|^2), the mean of the masks weighted with what they let through: near
    /// 0 where a net finds a little of the stem everywhere, as it does where there is none, and near 1
    /// where the stem stands alone. 0 if nothing was let through.
    package let presence: Double

    /// A presence of these figures.
    package init(activity: Double, certainty: Double, presence: Double) {
        self.activity = activity
        self.certainty = certainty
        self.presence = presence
    }
}
