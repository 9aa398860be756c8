/// The name of one part of a mixture, in lower case, as it appears in file names and model cards.
public struct Stem: RawRepresentable, Hashable, Sendable, Codable {
    /// The name, for example `vocals`.
    public let rawValue: String

    /// A stem of this name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A stem of this name.
    public init(_ name: String) { rawValue = name }

    /// Drums and other percussion.
    public static let drums = Stem("drums")
    /// The bass line.
    public static let bass = Stem("bass")
    /// Singing, lead and backing.
    public static let vocals = Stem("vocals")
    /// Whatever the other stems leave of the mixture.
    public static let other = Stem("other")
}

extension Stem: CustomStringConvertible {
    /// The name itself.
    public var description: String { rawValue }
}
