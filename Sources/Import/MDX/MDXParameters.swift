package import Signal

/// What an MDX net's .onnx file does not say about itself.
package struct MDXParameters: Sendable, Equatable {
    /// Samples in one transform.
    package var fftSize: Int?
    /// Samples from one frame to the next; 1024 in every published net.
    package var hop: Int?
    /// Bins that the net sees, where its file leaves them open.
    package var bins: Int?
    /// What the net gives.
    package var stem: Stem?
    /// What the net's output is multiplied by.
    package var compensation: Double?

    /// No parameter known.
    package init() {}

    private init(_ stem: String, _ fftSize: Int, _ bins: Int, _ compensation: Double) {
        (self.fftSize, self.bins, self.compensation) = (fftSize, bins, compensation)
        self.stem = Stem(stem)
    }

    /// Nets that are known by the name they are shared under, in lower case, with their parameters
    /// as their projects' own tables give them.
    static let known: [String: MDXParameters] = [
        // kuielab, Music Demixing Challenge 2021.
        "kuielab_a_vocals": .init("vocals", 6144, 2048, 1),
        "kuielab_b_vocals": .init("vocals", 6144, 2048, 1),
        "kuielab_a_drums": .init("drums", 4096, 2048, 1),
        "kuielab_b_drums": .init("drums", 4096, 2048, 1),
        "kuielab_a_bass": .init("bass", 16_384, 2048, 1),
        "kuielab_b_bass": .init("bass", 16_384, 2048, 1),
        "kuielab_a_other": .init("other", 8192, 2048, 1),
        "kuielab_b_other": .init("other", 8192, 2048, 1),
        // Ultimate Vocal Remover.
        "uvr-mdx-net-voc_ft": .init("vocals", 7680, 3072, 1.021),
        "uvr_mdxnet_kara_2": .init("instrumental", 5120, 2048, 1.065),
    ]

    /// These parameters, and others' where these are open.
    func filled(from others: MDXParameters?) -> MDXParameters {
        var all = self
        all.fftSize = fftSize ?? others?.fftSize
        all.hop = hop ?? others?.hop
        all.bins = bins ?? others?.bins
        all.stem = stem ?? others?.stem
        all.compensation = compensation ?? others?.compensation
        return all
    }
}
