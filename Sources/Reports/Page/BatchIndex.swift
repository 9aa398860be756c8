/// The page over all tracks of a batch, which sorts and filters them.
package struct BatchIndex: Sendable, Encodable {
    /// A track.
    package struct Row: Sendable, Encodable {
        /// The track's name.
        package var name: String
        /// The mixture's file.
        package var input: String
        /// The address of the track's page, relative to the index's folder; nil where there is none.
        package var page: String?
        /// Seconds of sound; nil for a track that failed.
        package var seconds: Double?
        /// What is known of each stem, in the order of ``BatchIndex/stems``; nil for one that there is
        /// not.
        package var stems: [Part?] = []
        /// Why the track failed: a code and a line.
        package var failure: Failure?
        /// What the user should know.
        package var warnings: [String] = []

        /// A track of this name.
        package init(name: String, input: String) {
            self.name = name
            self.input = input
        }
    }

    /// A stem of a track; its keys are short because there are many.
    package struct Part: Sendable, Encodable {
        /// The share of the time in which it is active.
        package var activity: Double
        /// How sure the masks were.
        package var certainty: Double
        /// How much of it is the stem's own.
        package var presence: Double
        /// LUFS.
        package var loudness: Double?
        /// Whether it passes full scale.
        package var clips: Bool

        /// A stem of these figures.
        package init(_ presence: StemPresence, loudness: Double?, clips: Bool) {
            activity = (1000 * presence.activity).rounded() / 1000
            certainty = (1000 * presence.certainty).rounded() / 1000
            self.presence = (1000 * presence.presence).rounded() / 1000
            self.loudness = loudness.map { (10 * $0).rounded() / 10 }
            self.clips = clips
        }

        private enum CodingKeys: String, CodingKey {
            case activity = "a"
            case certainty = "s"
            case presence = "p"
            case loudness = "l"
            case clips = "c"
        }
    }

    /// Why a track failed.
    package struct Failure: Sendable, Encodable {
        /// A stable code.
        package var cause: String
        /// A line for people.
        package var message: String

        /// A failure of this cause.
        package init(cause: String, message: String) {
            self.cause = cause
            self.message = message
        }
    }

    /// What is above the list.
    package var title: String
    /// The names of the stems that any track has.
    package var stems: [String]
    /// The tracks.
    package var rows: [Row]

    /// An index of these tracks.
    package init(title: String, stems: [String], rows: [Row]) {
        self.title = title
        self.stems = stems
        self.rows = rows
    }

    /// The page.
    package func page() throws -> [UInt8] {
        try PageText.head(
            title: title, styles: [PackageResources.page_css, PackageResources.index_css])
            + Array(Self.body.utf8)
            + PageText.tail(data: self, scripts: [PackageResources.index_js])
    }

    private static let body = """
        <h1 id="title"></h1>
        <p id="facts" role="status"></p>
        <form class="filters" onsubmit="return false">
        <input id="search" type="search" placeholder="Name, path or cause" aria-label="Search">
        <label>show <select id="state"><option value="all">all<option value="separated">separated\
        <option value="failed">failed<option value="clipped">clipped<option value="warned">with \
        warnings</select></label>
        <label>has <select id="stem"></select></label>
        <label id="least">for at least <input id="share" type="range" min="1" max="100" value="10"> \
        <output id="shown">10 %</output> of the time</label>
        <label>by <select id="sort"></select></label>
        <button id="turn" type="button" aria-pressed="false" title="Turn the order">\u{2195}</button>
        </form>
        <div class="head" id="head"></div>
        <div id="list" role="table" tabindex="0" aria-label="Tracks"><div id="rows"></div></div>

        """
}
