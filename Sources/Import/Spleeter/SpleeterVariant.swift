import Signal

/// One of the three models that the Spleeter project published.
///
/// All tensors have the same shapes in each, so that only the number of stems tells which
/// activations belong to the weights.
struct SpleeterVariant: Sendable {
    /// A function between the layers.
    enum Activation: Sendable {
        case leakyReLU(slope: Float)
        case reLU
        case elu
    }

    /// As the project calls it.
    let name: String
    /// In the order in which the checkpoint has their nets.
    let stems: [Stem]
    /// Between the layers on the way down.
    let encoder: Activation
    /// Between the layers on the way up.
    let decoder: Activation
    /// Whether the nets' outputs are joined by a softmax, so that all are one net; else each ends in a
    /// sigmoid of its own.
    let isJoined: Bool

    /// The variants, from the project's own configurations.
    static let all = [
        SpleeterVariant(
            name: "2stems", stems: [.vocals, Stem("accompaniment")],
            encoder: .leakyReLU(slope: 0.2), decoder: .reLU, isJoined: false),
        SpleeterVariant(
            name: "4stems", stems: [.vocals, .drums, .bass, .other], encoder: .elu,
            decoder: .elu, isJoined: false),
        SpleeterVariant(
            name: "5stems", stems: [.vocals, Stem("piano"), .drums, .bass, .other],
            encoder: .elu, decoder: .elu, isJoined: true),
    ]
}
