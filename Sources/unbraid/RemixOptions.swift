import ArgumentParser
import Batch
import Foundation
import Signal

/// One remixed file in place of the stems.
struct RemixOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Everything but these stems, with commas between.", valueName: "names"))
    var mute: [String] = []

    @Option(
        help: ArgumentHelp(
            "Stems louder or softer by so many dB, with commas between: vocals=-6,bass=3; -inf and "
                + "off mute.", valueName: "stem=dB"))
    var gain: [String] = []

    /// Whether a remix is asked for.
    var isWanted: Bool { !mute.isEmpty || !gain.isEmpty }

    /// The remix asked for, if any.
    var request: StemSelection.Request? {
        isWanted ? (try? gains()).map { .remix($0) } : nil
    }

    /// Gains beyond this make no music and would let rounded values leave the exact range.
    private static let highest = 60.0

    /// The factor of each stem that is named.
    func gains() throws -> [Stem: Double] {
        var gains: [Stem: Double] = [:]
        func set(_ name: Substring, _ factor: Double) throws {
            let stem = Stem(name.trimmingCharacters(in: .whitespaces))
            if stem.rawValue.isEmpty {
                throw ValidationError("--mute and --gain need a stem's name.")
            }
            if gains.updateValue(factor, forKey: stem) != nil {
                throw ValidationError("--mute and --gain name \(stem) twice.")
            }
        }
        for list in mute {
            for name in list.split(separator: ",", omittingEmptySubsequences: false) {
                try set(name, 0)
            }
        }
        for list in gain {
            for setting in list.split(separator: ",", omittingEmptySubsequences: false) {
                let parts = setting.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, let factor = Self.factor(parts[1]) else {
                    throw ValidationError(
                        "--gain \(setting): is to be a stem and dB up to \(Int(Self.highest)), such "
                            + "as vocals=-6; vocals=off mutes.")
                }
                try set(parts[0], factor)
            }
        }
        return gains
    }

    private static func factor(_ text: Substring) -> Double? {
        let text = text.trimmingCharacters(in: .whitespaces).lowercased()
        if ["off", "-inf", "-infinity"].contains(text) { return 0 }
        guard let level = Double(text.hasSuffix("db") ? String(text.dropLast(2)) : text),
            level.isFinite, level <= highest
        else { return nil }
        return pow(10, level / 20)
    }

    /// Refuses what cannot be meant.
    func validateTogether(_ output: OutputOptions) throws {
        if isWanted && (output.stems != nil || output.twoStems != nil) {
            throw ValidationError(
                "--mute and --gain make one file, --stems and --two-stems several; choose.")
        }
        _ = try gains()
    }
}
