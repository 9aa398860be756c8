/// The recurrent layers of ONNX.
package enum RecurrentCell: Sendable {
    /// Gates in the order i, o, f, c.
    case lstm
    /// Gates in the order z, r, h.
    case gru
    case rnn

    /// Gates, each of them hiddenSize rows of the weights.
    package var gates: Int {
        switch self {
        case .lstm: 4
        case .gru: 3
        case .rnn: 1
        }
    }
}

/// Which way a recurrent layer reads its sequence.
package enum RecurrentDirection: Sendable {
    case forward
    case reverse
    case bidirectional

    package var count: Int { self == .bidirectional ? 2 : 1 }
}

/// Sizes and options of a recurrent layer.
package struct RecurrentShape: Equatable, Sendable {
    package var cell: RecurrentCell
    package var direction: RecurrentDirection
    package var steps: Int
    package var batch: Int
    package var inputSize: Int
    package var hiddenSize: Int
    /// ONNX's `layout` 1: the batch axis comes before the others in x, y and the states.
    package var batchFirst: Bool
    /// Sums that go into an activation are kept within plus and minus this, where given.
    package var clip: Float?
    /// GRU only: the reset gate is applied after the product with the recurrent weights.
    package var linearBeforeReset: Bool
    /// LSTM only: the forget gate is 1 minus the input gate.
    package var inputForget: Bool
    /// Per direction: f, g, h for LSTM; f, g for GRU; f for RNN.
    package var activations: [Activation]

    /// - Parameter activations: One set for all directions, one set per direction, or empty for
    ///   those of the standard: sigmoid for f, tanh for the others (RNN: tanh).
    package init(
        cell: RecurrentCell, direction: RecurrentDirection = .forward, steps: Int, batch: Int,
        inputSize: Int, hiddenSize: Int, batchFirst: Bool = false, clip: Float? = nil,
        linearBeforeReset: Bool = false, inputForget: Bool = false, activations: [Activation] = []
    ) {
        self.cell = cell
        self.direction = direction
        self.steps = steps
        self.batch = batch
        self.inputSize = inputSize
        self.hiddenSize = hiddenSize
        self.batchFirst = batchFirst
        self.clip = clip
        self.linearBeforeReset = linearBeforeReset
        self.inputForget = inputForget
        let standard: [Activation]
        switch cell {
        case .lstm: standard = [.sigmoid, .tanh, .tanh]
        case .gru: standard = [.sigmoid, .tanh]
        case .rnn: standard = [.tanh]
        }
        var chosen = activations.isEmpty ? standard : activations
        if chosen.count == standard.count, direction == .bidirectional { chosen += chosen }
        precondition(
            chosen.count == standard.count * direction.count, "one set of activations a direction")
        self.activations = chosen
    }
}

/// What a recurrent layer reads and writes.
///
/// D directions, S steps, B batch, I input size, H hidden size, G gates. Where `batchFirst`: x is
/// B S I, y B S D H, the states B D H.
@unsafe
package struct RecurrentOperands {
    /// S B I.
    package var x: UnsafePointer<Float>
    /// D (G H) I.
    package var weights: UnsafePointer<Float>
    /// D (G H) H.
    package var recurrentWeights: UnsafePointer<Float>
    /// D (2 G H): those of the input, then those of the recurrence; nil for zeros.
    package var bias: UnsafePointer<Float>?
    /// Steps of each sequence of the batch, 0...S; nil where all have S.
    package var lengths: UnsafePointer<Int32>?
    /// D B H, nil for zeros.
    package var initialH: UnsafePointer<Float>?
    /// D B H, nil for zeros; LSTM only.
    package var initialC: UnsafePointer<Float>?
    /// D (3 H) in the order i, o, f, nil for none; LSTM only.
    package var peepholes: UnsafePointer<Float>?
    /// S D B H, zero past a sequence's end, or nil where nobody reads it.
    package var y: UnsafeMutablePointer<Float>?
    /// D B H after each sequence's last step, or nil.
    package var lastH: UnsafeMutablePointer<Float>?
    /// D B H, or nil; LSTM only.
    package var lastC: UnsafeMutablePointer<Float>?

    package init(
        x: UnsafePointer<Float>, weights: UnsafePointer<Float>,
        recurrentWeights: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil,
        lengths: UnsafePointer<Int32>? = nil, initialH: UnsafePointer<Float>? = nil,
        initialC: UnsafePointer<Float>? = nil, peepholes: UnsafePointer<Float>? = nil,
        y: UnsafeMutablePointer<Float>? = nil, lastH: UnsafeMutablePointer<Float>? = nil,
        lastC: UnsafeMutablePointer<Float>? = nil
    ) {
        unsafe self.x = x
        unsafe self.weights = weights
        unsafe self.recurrentWeights = recurrentWeights
        unsafe self.bias = bias
        unsafe self.lengths = lengths
        unsafe self.initialH = initialH
        unsafe self.initialC = initialC
        unsafe self.peepholes = peepholes
        unsafe self.y = y
        unsafe self.lastH = lastH
        unsafe self.lastC = lastC
    }
}
