import AudioIO
import Reports
import Signal

/// A track whose stems are written whole, and are not yet in their places.
struct SeparatedTrack {
    let job: TrackJob
    let start: ContinuousClock.Instant
    let times: TrackTimes
    let source: SourceFormat
    /// Samples a channel.
    let length: Int
    let notes: [SourceNote]
    let watch: InputWatch
    let writer: WriteBehind
    let meters: StemMeters

    /// Completes the files and gives them their names.
    ///
    /// When it throws, nothing of the track lies under a final name.
    func publish() throws -> TrackReport {
        let files: [StemFile]
        let input: InputFacts
        do {
            input = try watch.finish()
            files = try writer.publish(overwriting: job.options.overwrites)
        } catch {
            writer.cancel()
            throw error
        }
        let presence = writer.finishPresence()
        var report = TrackReport(
            source: source, length: length, notes: notes, input: input,
            stems: files.map {
                StemReport(
                    $0, levels: meters.levels(of: $0),
                    presence: presence[$0.stem]
                        ?? StemPresence(activity: 0, certainty: 0, presence: 0))
            },
            times: times)
        job.makeExtras(of: &report)
        report.times.write = writer.seconds
        report.times.total = (ContinuousClock.now - start) / .seconds(1)
        return report
    }
}
