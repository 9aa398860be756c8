/// Something that gives interleaved samples from the first to the last, once.
protocol SampleSource: AnyObject {
    /// The facts about the file.
    var format: SourceFormat { get }
    /// Where the file ends before the sound that it declares.
    var truncation: Truncation? { get }
    /// How many samples fewer than the length in ``format`` may come from a whole file.
    var lengthTolerance: Int { get }

    /// Whether the sound ended because the rest cannot be decoded, where that is no error.
    var isDamaged: Bool { get }

    /// What the file says about itself.
    func metadata() -> MetadataDraft

    /// Reads integers at full scale 2^31, for sources of kind `integer`; 0 means the end.
    func read(into buffer: inout [Int32], count: Int) throws(AudioFileError) -> Int
    /// Reads floats; 0 means the end.
    func read(into buffer: inout [Float], count: Int) throws(AudioFileError) -> Int
    /// Goes to a sample or, where that would change what is read, to one before it.
    ///
    /// - Returns: the sample that is read next.
    func seek(toOrBefore sample: Int) throws(AudioFileError) -> Int
}

/// A file that ends before the sound that it declares; samples a channel, where known.
struct Truncation: Sendable, Hashable {
    var found: Int?
    var declared: Int?
    /// False where less than a block of a lossy code is missing, which many whole files lack.
    var isCertain = true
}
