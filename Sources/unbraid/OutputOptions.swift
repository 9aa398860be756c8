import ArgumentParser
import AudioIO
import Batch
import Signal

extension FileFormat: ExpressibleByArgument {}
extension StemContainer.Codec: ExpressibleByArgument {}

/// What comes out of a separation.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The folder that everything goes below.", valueName: "folder"))
    var output = "separated"

    @Option(help: ArgumentHelp("Only these stems, with commas between.", valueName: "names"))
    var stems: String?

    @Option(
        help: ArgumentHelp("This stem, and the rest of the mix as no_<stem>.", valueName: "stem"))
    var twoStems: String?

    @Option(help: "The file format of the stems.")
    var format: FileFormat = .wav

    @Flag(help: "Write 16-bit integers. (default: as the input has them; lossy inputs as float)")
    var int16 = false
    @Flag(help: "Write 24-bit integers.")
    var int24 = false
    @Flag(help: "Write 32-bit floating point.")
    var float32 = false

    @Option(
        help: ArgumentHelp(
            "Where each stem goes below the output folder.",
            discussion: "Fields: {track} {stem} {ext} {folder} {model}.", valueName: "template"))
    var filename = "{track}/{stem}.{ext}"

    @Flag(help: "Replace files that exist.")
    var force = false

    @Flag(
        help: ArgumentHelp(
            "Also one file of the mix and its four stems, {track}.stem.mp4, for Traktor and Mixxx. "
                + "Needs the ffmpeg program."))
    var stemMp4 = false

    @Option(help: "How stem.mp4 files store the sound; some players know only aac.")
    var stemCodec: StemContainer.Codec = .aac

    /// The sample format asked for, nil for the input's.
    var samples: SampleFormat? {
        int16 ? .int16 : int24 ? .int24 : float32 ? .float32 : nil
    }

    /// The stems asked for.
    var request: StemSelection.Request {
        if let twoStems { return .two(Stem(twoStems)) }
        guard let stems else { return .all }
        return .some(stems.split(separator: ",").map { Stem(String($0)) })
    }

    /// Refuses choices that contradict each other.
    ///
    /// - Parameter isRemix: whether one remixed file is asked for.
    func validateTogether(isRemix: Bool) throws {
        if stemMp4, stems != nil || twoStems != nil || isRemix {
            throw ValidationError(
                "--stem-mp4 needs all stems: not with --stems, --two-stems, --mute or --gain.")
        }
        if [int16, int24, float32].count(where: { $0 }) > 1 {
            throw ValidationError("--int16, --int24 and --float32 exclude each other.")
        }
        if stems != nil, twoStems != nil {
            throw ValidationError("--stems and --two-stems exclude each other.")
        }
        if let stems, stems.split(separator: ",").isEmpty {
            throw ValidationError("--stems names no stem.")
        }
        if let twoStems, twoStems.allSatisfy(\.isWhitespace) {
            throw ValidationError("--two-stems names no stem.")
        }
        if let samples, !format.holds(samples) {
            throw ValidationError("\(format.rawValue) files cannot hold \(samples.rawValue).")
        }
        do {
            _ = try FilenameTemplate(filename, isForOne: isRemix)
        } catch {
            throw ValidationError(Message.text(of: error))
        }
    }

    /// The options of a batch.
    func options(_ work: WorkOptions) -> SeparationOptions {
        var options = SeparationOptions()
        options.format = format
        options.samples = samples
        options.start = work.start ?? 0
        options.duration = work.duration
        options.overwrites = force
        options.salvages = work.salvage
        if stemMp4 { options.stemContainer = StemContainerOptions(codec: stemCodec) }
        return options
    }
}
