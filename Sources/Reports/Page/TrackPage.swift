/// The page of one track, in the parts in which it is written: the opening, clips of sound, the closing.
///
/// Everything is in the one file but the stems themselves; its policy forbids it the network.
package struct TrackPage: Sendable, Encodable {
    /// The mix or a stem.
    package struct Lane: Sendable, Encodable {
        /// The name that is shown.
        package var name: String
        /// Which of the page's colours the lane has.
        package var tint = "mix"
        /// Whether it is the mix; the first lane is, and no other.
        package var isMix = false
        /// Whether it is heard by playing all other lanes.
        package var isSum = false
        /// The address of its file, relative to the page's folder; nil where there is none.
        package var file: String?
        /// The name of its file as it is shown, and as a file chooser gives it.
        package var fileName: String?
        /// The outline's bytes, see `WaveformOverview`, in base64.
        package var outline: String
        /// The magnitude that is 127 in the outline.
        package var outlinePeak: Double
        /// The spectrogram as PNG in base64.
        package var picture: String
        /// The greatest magnitude.
        package var peak: Double
        /// LUFS.
        package var loudness: Double?
        /// dBTP.
        package var truePeak: Double?
        /// See `StemPresence`.
        package var activity: Double?
        /// See `StemPresence`.
        package var certainty: Double?
        /// A digit a stretch of 0.4 s: whether the stem is active in it.
        package var active: String?
        /// Where something begins to sound, in seconds.
        package var onsets: [Double] = []
        /// Whether the file is one of floats, because integers would have clipped.
        package var becameFloat = false

        /// A lane of this name and these pictures.
        ///
        /// - Parameter picture: the spectrogram as PNG.
        package init(name: String, outline: WaveformOverview, picture: [UInt8]) {
            self.name = name
            self.outline = PageText.base64(outline.bytes)
            outlinePeak = Double(outline.peak)
            peak = outlinePeak
            self.picture = PageText.base64(picture)
        }
    }

    /// How the sound in the page is cut.
    package struct Clips: Sendable, Encodable {
        /// The rate of the samples, in Hz.
        package var rate: Int
        /// Samples from one clip to the next.
        package var samples: Int
        /// Samples in front of every clip but the first that are there for the decoder to settle.
        package var lead: Int
        /// Clips of each lane.
        package var count: Int

        /// Clips of these measures.
        package init(rate: Int, samples: Int, lead: Int, count: Int) {
            self.rate = rate
            self.samples = samples
            self.lead = lead
            self.count = count
        }
    }

    /// A mark on the time line.
    package struct Cue: Sendable, Encodable {
        /// Seconds.
        package var time: Double
        /// `beat` or `downbeat`.
        package var kind: String
        /// What is shown when the pointer rests on it.
        package var label: String

        /// A mark.
        package init(time: Double, kind: String, label: String) {
            self.time = time
            self.kind = kind
            self.label = label
        }
    }

    /// The track's name.
    package var title: String
    /// One line about its file.
    package var facts: String
    /// The rate of the stems, in Hz.
    package var sampleRate: Int
    /// Samples a channel.
    package var samples: Int
    /// The mix and the stems.
    package var lanes: [Lane]
    /// What the spectrograms' axes mean.
    package var scale: SpectrogramScale
    /// The sound in the page; nil where the files beside it are played.
    package var clips: Clips?
    /// Marks on the time line, by time.
    package var cues: [Cue] = []
    /// What the user should know.
    package var warnings: [String] = []
    /// The spectrograms' colours from the darkest on, as CSS knows them.
    package let colors = SpectrogramScale.palette.map { PageText.hex($0) }

    /// A page of these lanes.
    package init(
        title: String, facts: String, sampleRate: Int, samples: Int, lanes: [Lane],
        scale: SpectrogramScale
    ) {
        self.title = title
        self.facts = facts
        self.sampleRate = sampleRate
        self.samples = samples
        self.lanes = lanes
        self.scale = scale
    }

    /// The page up to the clips.
    package static func opening(title: String) -> [UInt8] {
        PageText.head(title: title, styles: [PackageResources.page_css])
            + Array(body.utf8)
    }

    /// A clip of a lane's sound.
    package static func clip(lane: Int, index: Int, _ bytes: [UInt8]) -> [UInt8] {
        Array("<script type=\"text/plain\" id=\"clip-\(lane)-\(index)\">".utf8)
            + Array(PageText.base64(bytes).utf8) + Array("</script>\n".utf8)
    }

    /// The rest of the page.
    package func closing() throws -> [UInt8] {
        try PageText.tail(
            data: self,
            scripts: [
                PackageResources.sound_js, PackageResources.files_js, PackageResources.lanes_js,
                PackageResources.track_js,
            ])
    }

    private static let body = """
        <h1 id="title"></h1>
        <p id="facts"></p>
        <ul id="warnings"></ul>
        <div class="transport">
        <button id="play" type="button" aria-label="Play" aria-pressed="false"></button>
        <span class="time"><span id="now">0:00.0</span> <small>/ <span id="total"></span></small></span>
        <button id="clear" type="button" title="No solo, no mute (key c)">All stems</button>
        </div>
        <div class="more">
        <button id="pick" type="button" title="Read the stems beside this page instead of the \
        preview in it">Use the files\u{2026}</button>
        <input id="files" type="file" multiple accept="audio/*" hidden>
        <p id="status" role="status">Loading\u{2026}</p>
        <details id="help"><summary>Keys</summary><table>
        <tr><td><kbd>space</kbd><td>play, pause<td><kbd>\u{2190}</kbd> <kbd>\u{2192}</kbd><td>5 s \
        back, on
        <tr><td><kbd>1</kbd>\u{2026}<kbd>9</kbd><td>solo<td><kbd>shift</kbd> <kbd>1</kbd>\u{2026}\
        <kbd>9</kbd><td>mute
        <tr><td><kbd>0</kbd><td>the mix as it is<td><kbd>c</kbd><td>all stems
        <tr><td><kbd>home</kbd> <kbd>end</kbd><td>start, end<td><kbd>,</kbd> <kbd>.</kbd><td>\
        cue before, next
        </table></details>
        </div>
        <main id="lanes"></main>

        """
}
