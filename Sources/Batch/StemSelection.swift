package import Models
package import Signal

/// Which stems a track is taken apart into, and which of them are written.
///
/// One stem, the remainder, is what the others leave of the mixture; so the stems of a selection add
/// up to it exactly.
package struct StemSelection: Sendable, Equatable, Codable {
    /// The stems that the nets' masks give, by their index in the card, in the card's order.
    package let estimated: [Int]
    /// The names of the estimated stems.
    package let names: [Stem]
    /// The name of what the estimated stems leave.
    package let remainder: Stem
    /// The stems that are written.
    package let written: [Stem]
    /// What the one file is that is written in place of stems, if one is.
    package let remix: Remix?

    /// One file made of the mixture and its stems, see `RemixTarget`.
    package struct Remix: Sendable, Hashable, Codable {
        /// The name that stands for it in file names.
        package let stem: Stem
        /// The factor of the mixture.
        package let mixtureGain: Double
        /// The factors of the estimated stems, in their order.
        package let stemGains: [Double]
    }

    /// What a user asks for.
    package enum Request: Sendable, Equatable {
        /// All stems that the model has.
        case all
        /// Only these.
        case some([Stem])
        /// One stem and the rest of the mixture as `no_` and its name.
        case two(Stem)
        /// One file, each stem with a factor; those that are not named keep their level.
        case remix([Stem: Double])
    }

    /// A stem that the model does not have.
    package struct UnknownStem: Error, Sendable, Equatable {
        /// The stem that was asked for.
        package let stem: Stem
        /// The stems that there are.
        package let known: [Stem]
    }

    /// Works out what is to be estimated and written.
    ///
    /// The remainder of a model is what its card names; else its stem `other` or `accompaniment`; a
    /// model that has neither gets `other` in addition to its own stems.
    ///
    /// - Throws: ``UnknownStem``.
    package init(_ request: Request, of card: ModelCard) throws(UnknownStem) {
        let rest =
            card.remainder
            ?? [Stem.other, Stem("accompaniment")].first { card.stems.contains($0) } ?? .other
        let known = card.stems.contains(rest) ? card.stems : card.stems + [rest]
        if case .two(let stem) = request {
            guard let index = card.stems.firstIndex(of: stem) else {
                throw UnknownStem(stem: stem, known: card.stems)
            }
            estimated = [index]
            names = [stem]
            remainder = Stem("no_" + stem.rawValue)
            written = [stem, remainder]
            remix = nil
            return
        }
        if case .remix(let gains) = request {
            let names = gains.keys.sorted { $0.rawValue < $1.rawValue }
            if let stem = names.first(where: { !known.contains($0) }) {
                throw UnknownStem(stem: stem, known: known)
            }
            let restGain = gains[rest] ?? 1
            let factor = { (stem: Stem) in (gains[stem] ?? 1) - restGain }
            // A stem that is as loud as the remainder needs no estimate: it is in the mixture.
            estimated = card.stems.indices.filter {
                card.stems[$0] != rest && factor(card.stems[$0]) != 0
            }
            self.names = estimated.map { card.stems[$0] }
            remainder = rest
            remix = Remix(
                stem: Stem("remix"), mixtureGain: restGain,
                stemGains: estimated.map { factor(card.stems[$0]) })
            written = [Stem("remix")]
            return
        }
        var wanted = known
        if case .some(let stems) = request {
            for stem in stems where !known.contains(stem) {
                throw UnknownStem(stem: stem, known: known)
            }
            wanted = known.filter { stems.contains($0) }
        }
        let isNeeded = { (stem: Stem) in wanted.contains(rest) || wanted.contains(stem) }
        estimated = card.stems.indices.filter {
            card.stems[$0] != rest && isNeeded(card.stems[$0])
        }
        names = estimated.map { card.stems[$0] }
        remainder = rest
        written = wanted
        remix = nil
    }
}
