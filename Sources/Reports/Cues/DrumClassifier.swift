/// Tells kick, snare and hi-hat apart by where in the spectrum the power of a hit is.
enum DrumClassifier {
    /// What was hit.
    static func classify(_ hit: DrumHit) -> Drum {
        .other
    }
}
