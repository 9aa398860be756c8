/// What is to be made of the cues of each track.
package struct CueOptions: Sendable, Hashable, Codable {
    /// A form in which cues are written.
    package enum Form: String, Sendable, Hashable, Codable, CaseIterable {
        /// One JSON file with everything.
        case json
        /// Tables: one of frames for each source, one of all events.
        case csv
        /// Label files of Audacity.
        case labels
        /// A Standard MIDI File.
        case midi
    }

    /// Frames a second, greater than 0.
    package var rate = 60.0
    /// The forms in which cues are written, in order; none where only loops are wanted.
    package var forms: [Form] = Form.allCases
    /// Bars in a loop, where stems are to be cut into loops.
    package var loopBars: Int?

    /// All forms, 60 frames a second, no loops.
    package init() {}
}
