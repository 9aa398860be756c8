/// What a user may choose about the page of a track.
package struct ReportOptions: Sendable, Hashable, Codable {
    /// Where the page has its sound from.
    package enum Sound: String, Sendable, Hashable, Codable, CaseIterable {
        /// A preview in the page, of which all stems play in step to the sample.
        case embedded
        /// The files beside the page.
        case beside
    }

    /// Where the page has its sound from.
    package var sound = Sound.embedded

    /// The standard choices.
    package init() {}

    /// Seconds of the longest track whose sound is put into its page: some 80 MB for four stems.
    static let embeddedLimit = 1200.0
}
