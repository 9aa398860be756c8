import Signal
import Storage

/// MDX nets that are known by their bytes, whatever their file is called.
///
/// The digests and parameters are those of the table by which Ultimate Vocal Remover and the
/// audio-separator package tell nets (`models/MDX_Net_Models/model_data/model_data.json` in the repository of
/// Ultimate Vocal Remover).
enum MDXTable {
    /// The digest is over so many bytes at the file's end, or all of a shorter file.
    private static let length = 10_000 * 1024

    /// The parameters of the net whose file this is, or nil where it is not in the table.
    static func parameters(of file: [UInt8]) -> MDXParameters? {
        digest(of: file).flatMap { known[$0]?.parameters }
    }

    /// What a file is known by.
    static func digest(of file: [UInt8]) -> String? { MD5.hex(of: Array(file.suffix(length))) }

    /// What the table's nets of so many bins and frames were made with, each once.
    static func candidates(bins: Int, frames: Int) -> [MDXParameters] {
        var found: [MDXParameters] = []
        for line in known.values where line.parameters.bins == bins && line.frames == frames {
            var parameters = line.parameters
            parameters.compensation = nil
            if !found.contains(parameters) { found.append(parameters) }
        }
        return found.sorted {
            ($0.fftSize ?? 0, $0.stem?.rawValue ?? "") < ($1.fftSize ?? 0, $1.stem?.rawValue ?? "")
        }
    }

    static let known: [String: (parameters: MDXParameters, frames: Int)] = {
        var table: [String: (parameters: MDXParameters, frames: Int)] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            var parameters = MDXParameters()
            parameters.stem = Stem(fields[1])
            parameters.fftSize = Int(fields[2])
            parameters.bins = Int(fields[3])
            parameters.compensation = Double(fields[5])
            table[fields[0]] = (parameters, Int(fields[4]) ?? 0)
        }
        return table
    }()

    /// MD5, stem, samples in a transform, bins, frames, and the factor of the net's output.
    private static let text = """
        0ddfc0eb5792638ad5dc27850236c246 vocals 6144 2048 256 1.035
        26d308f91f3423a67dc69a6d12a8793d other 8192 2048 512 1.035
        2cdd429caac38f0194b133884160f2c6 instrumental 7680 3072 256 1.045
        2f5501189a2f6db6349916fabe8c90de vocals 6144 2048 256 1.035
        398580b6d5d973af3120df54cee6759d vocals 7680 3072 256 1.75
        488b3e6f8bd3717d9d7c428476be2d75 instrumental 7680 3072 256 1.035
        4910e7827f335048bdac11fa967772f9 drums 4096 2048 128 1.035
        53c4baf4d12c3e6c3831bb8f5b532b93 vocals 7680 3072 256 1.043
        5d343409ef0df48c7d78cce9f0106781 vocals 7680 3072 256 1.075
        5f6483271e1efb9bfb59e4a3e6d4d098 vocals 6144 2048 512 1.035
        65ab5919372a128e4167f5e01a8fda85 other 8192 2048 256 1.035
        6703e39f36f18aa7855ee1047765621d bass 16384 2048 512 1.035
        6b31de20e84392859a3d09d43f089515 vocals 6144 2048 256 1.035
        867595e9de46f6ab699008295df62798 vocals 7680 3072 256 1.03
        a3cd63058945e777505c01d2507daf37 vocals 6144 2048 256 1.03
        b33d9b3950b6cbf5fe90a32608924700 vocals 7680 3072 256 1.03
        c3b29bdce8c4fa17ec609e16220330ab bass 16384 2048 256 1.035
        ceed671467c1f64ebdfac8a2490d0d52 instrumental 7680 3072 256 1.035
        d2a1376f310e4f7fa37fb9b5774eb701 instrumental 7680 3072 256 1.035
        d7bff498db9324db933d913388cba6be vocals 6144 2048 256 1.035
        d94058f8c7f1fae4164868ae8ae66b20 vocals 6144 2048 256 1.035
        dc41ede5961d50f277eb846db17f5319 drums 4096 2048 512 1.035
        e5572e58abf111f80d8241d2e44e7fa4 instrumental 7680 3072 256 1.028
        e7324c873b1f615c35c1967f912db92a vocals 7680 3072 256 1.03
        1c56ec0224f1d559c42fd6fd2a67b154 instrumental 5120 2048 256 1.025
        f2df6d6863d8f435436d8b561594ff49 instrumental 7680 3072 256 1.035
        b06327a00d5e5fbc7d96e1781bbdb596 instrumental 6144 3072 256 1.035
        94ff780b977d3ca07c7a343dab2e25dd instrumental 6144 3072 256 1.039
        73492b58195c3b52d34590d5474452f6 vocals 7680 3072 256 1.043
        970b3f9492014d18fefeedfe4773cb42 vocals 7680 3072 256 1.009
        1d64a6d2c30f709b8c9b4ce1366d96ee instrumental 5120 2048 256 1.065
        203f2a3955221b64df85a41af87cf8f0 instrumental 6144 3072 256 1.035
        291c2049608edb52648b96e27eb80e95 instrumental 6144 3072 256 1.035
        ead8d05dab12ec571d67549b3aab03fc instrumental 6144 3072 256 1.035
        cc63408db3d80b4d85b0287d1d7c9632 instrumental 6144 3072 256 1.033
        cd5b2989ad863f116c855db1dfe24e39 reverb 6144 3072 512 1.035
        55657dd70583b0fedfba5f67df11d711 instrumental 6144 3072 256 1.022
        b6bccda408a436db8500083ef3491e8b instrumental 7680 3072 256 1.02
        8a88db95c7fb5dbe6a095ff2ffb428b1 instrumental 5120 2048 256 1.026
        b78da4afc6512f98e4756f5977f5c6b9 instrumental 7680 3072 256 1.021
        77d07b2667ddf05b9e3175941b4454a0 vocals 7680 3072 256 1.021
        0f2a6bc5b49d87d64728ee40e23bceb1 instrumental 5120 2560 256 1.019
        cb790d0c913647ced70fc6b38f5bea1a instrumental 5120 2560 256 1.01
        b02be2d198d4968a121030cf8950b492 no_crowd 5120 2560 256 1.02
        """
}
