/// Something that gives interleaved samples from the first to the last, once.
protocol SampleSource: AnyObject {
    /// The facts about the file.
    var format: SourceFormat { get }
    /// Where the file ends before the sound that it declares.
    var truncation: Truncation? { get }
    /// Whether a length in ``format`` that is not reached means that the file is cut off.
    var lengthIsExact: Bool { get }

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
}
