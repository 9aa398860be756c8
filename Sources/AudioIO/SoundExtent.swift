import Storage

/// How far the sound in a file should reach by what the file itself says.
///
/// libsndfile reads a WAV file that lost its end without a word, so the sizes are looked up here.
struct SoundExtent {
    /// The byte after the declared sound.
    var declaredEnd: Int?
    /// Bytes of one sample of all channels, where each has the same size.
    var stride: Int?
    private var byteCount: Int

    init(of file: OpenFile, byteCount: Int) throws(StorageError) {
        self.byteCount = byteCount
    }

    /// What is missing.
    func truncation(found: Int?, channels: Int) -> Truncation? {
        guard let declaredEnd, declaredEnd > byteCount else { return nil }
        guard let found, let stride, stride > 0 else { return Truncation(found: found) }
        let missing = (declaredEnd - byteCount + stride - 1) / stride
        return Truncation(found: found, declared: found + missing)
    }
}
