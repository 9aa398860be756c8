import Inference
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A recurrent layer to try.
struct RecurrentCase: CustomTestStringConvertible, Sendable {
    var shape: RecurrentShape
    var bias = true
    var states = false
    var peepholes = false
    var lengths: [Int32]?

    var testDescription: String {
        "\(shape.cell) \(shape.direction) \(shape.steps)x\(shape.batch)x\(shape.inputSize)>"
            + "\(shape.hiddenSize) first \(shape.batchFirst) states \(states) \(lengths ?? [])"
    }

    static let all: [RecurrentCase] = [
        .init(shape: .init(cell: .lstm, steps: 1, batch: 1, inputSize: 1, hiddenSize: 1)),
        .init(shape: .init(cell: .lstm, steps: 7, batch: 3, inputSize: 5, hiddenSize: 9)),
        .init(
            shape: .init(
                cell: .lstm, direction: .bidirectional, steps: 6, batch: 2, inputSize: 4,
                hiddenSize: 17), states: true, peepholes: true),
        .init(
            shape: .init(
                cell: .lstm, direction: .reverse, steps: 5, batch: 3, inputSize: 4, hiddenSize: 6,
                clip: 0.4), bias: false, states: true, lengths: [5, 2, 0]),
        .init(
            shape: .init(
                cell: .lstm, direction: .bidirectional, steps: 5, batch: 2, inputSize: 3,
                hiddenSize: 4, batchFirst: true, inputForget: true), states: true,
            lengths: [3, 5]),
        .init(
            shape: .init(
                cell: .lstm, steps: 4, batch: 2, inputSize: 3, hiddenSize: 4,
                activations: [.hardSigmoid(alpha: 0.2, beta: 0.5), .softsign, .relu])),
        .init(shape: .init(cell: .gru, steps: 7, batch: 2, inputSize: 5, hiddenSize: 9)),
        .init(
            shape: .init(
                cell: .gru, direction: .bidirectional, steps: 6, batch: 3, inputSize: 5,
                hiddenSize: 8, linearBeforeReset: true), states: true, lengths: [6, 1, 4]),
        .init(
            shape: .init(
                cell: .gru, direction: .reverse, steps: 4, batch: 2, inputSize: 5, hiddenSize: 3,
                batchFirst: true, clip: 0.5), states: true),
        .init(
            shape: .init(
                cell: .lstm, direction: .bidirectional, steps: 3, batch: 10, inputSize: 6,
                hiddenSize: 70)),
        .init(
            shape: .init(cell: .gru, steps: 3, batch: 9, inputSize: 6, hiddenSize: 50),
            states: true),
        .init(
            shape: .init(
                cell: .rnn, direction: .bidirectional, steps: 6, batch: 2, inputSize: 3,
                hiddenSize: 5), states: true, lengths: [2, 6]),
    ]
}

@Suite struct RecurrentTests {
    /// The equations of the standard, one number at a time in Double.
    struct Reference {
        let shape: RecurrentShape
        let x: [Float]
        let w: [Float]
        let r: [Float]
        let bias: [Float]?
        let h0: [Float]?
        let c0: [Float]?
        let peepholes: [Float]?
        let lengths: [Int32]?
        var y: [Double]
        var lastH: [Double]
        var lastC: [Double]

        static func apply(_ activation: Activation, _ v: Double) -> Double {
            switch activation {
            case .sigmoid: 1 / (1 + exp(-v))
            case .tanh: tanh(v)
            case .relu: max(v, 0)
            case .softsign: v / (1 + abs(v))
            case .hardSigmoid(let alpha, let beta):
                min(max(Double(alpha) * v + Double(beta), 0), 1)
            default: .nan
            }
        }

        mutating func run() {
            let s = shape
            for d in 0..<s.direction.count {
                let backward = s.direction == .reverse || d == 1
                let sets = s.activations.count / s.direction.count
                let act = Array(s.activations[d * sets..<(d + 1) * sets])
                for b in 0..<s.batch {
                    let state = (s.batchFirst ? b * s.direction.count + d : d * s.batch + b)
                    var h = (0..<s.hiddenSize).map { Double(h0?[state * s.hiddenSize + $0] ?? 0) }
                    var c = (0..<s.hiddenSize).map { Double(c0?[state * s.hiddenSize + $0] ?? 0) }
                    let length = lengths.map { Int($0[b]) } ?? s.steps
                    for step in 0..<length {
                        let t = backward ? length - 1 - step : step
                        let row = (s.batchFirst ? b * s.steps + t : t * s.batch + b) * s.inputSize
                        (h, c) = advance(d, Array(x[row..<row + s.inputSize]), h, c, act)
                        let at =
                            s.batchFirst
                            ? (b * s.steps + t) * s.direction.count + d
                            : (t * s.direction.count + d) * s.batch + b
                        for j in 0..<s.hiddenSize { y[at * s.hiddenSize + j] = h[j] }
                    }
                    for j in 0..<s.hiddenSize {
                        lastH[state * s.hiddenSize + j] = h[j]
                        lastC[state * s.hiddenSize + j] = c[j]
                    }
                }
            }
        }

        private func advance(
            _ d: Int, _ input: [Float], _ h: [Double], _ c: [Double], _ act: [Activation]
        ) -> ([Double], [Double]) {
            let (n, gates) = (shape.hiddenSize, shape.cell.gates)
            func clip(_ v: Double) -> Double {
                shape.clip.map { min(max(v, -Double($0)), Double($0)) } ?? v
            }
            func fromInput(_ gate: Int, _ j: Int) -> Double {
                let row = d * gates * n + gate * n + j
                return input.indices.reduce(Double(bias?[2 * d * gates * n + gate * n + j] ?? 0)) {
                    $0 + Double(input[$1]) * Double(w[row * input.count + $1])
                }
            }
            func fromState(_ gate: Int, _ j: Int, _ state: [Double]) -> Double {
                let row = d * gates * n + gate * n + j
                return (0..<n).reduce(
                    Double(bias?[(2 * d + 1) * gates * n + gate * n + j] ?? 0)
                ) { $0 + state[$1] * Double(r[row * n + $1]) }
            }
            func peep(_ which: Int, _ j: Int, _ value: Double) -> Double {
                peepholes.map { Double($0[(d * 3 + which) * n + j]) * value } ?? 0
            }
            var (nextH, nextC) = (h, c)
            switch shape.cell {
            case .lstm:
                for j in 0..<n {
                    let i = Self.apply(
                        act[0], clip(fromInput(0, j) + fromState(0, j, h) + peep(0, j, c[j])))
                    let f =
                        shape.inputForget
                        ? 1 - i
                        : Self.apply(
                            act[0], clip(fromInput(2, j) + fromState(2, j, h) + peep(2, j, c[j])))
                    let g = Self.apply(act[1], clip(fromInput(3, j) + fromState(3, j, h)))
                    nextC[j] = f * c[j] + i * g
                    let o = Self.apply(
                        act[0], clip(fromInput(1, j) + fromState(1, j, h) + peep(1, j, nextC[j])))
                    nextH[j] = o * Self.apply(act[2], nextC[j])
                }
            case .gru:
                let reset = (0..<n).map { j in
                    Self.apply(act[0], clip(fromInput(1, j) + fromState(1, j, h)))
                }
                for j in 0..<n {
                    let z = Self.apply(act[0], clip(fromInput(0, j) + fromState(0, j, h)))
                    let recurrent =
                        shape.linearBeforeReset
                        ? reset[j] * fromState(2, j, h)
                        : fromState(2, j, zip(reset, h).map { $0 * $1 })
                    let candidate = Self.apply(act[1], clip(fromInput(2, j) + recurrent))
                    nextH[j] = (1 - z) * candidate + z * h[j]
                }
            case .rnn:
                for j in 0..<n {
                    nextH[j] = Self.apply(act[0], clip(fromInput(0, j) + fromState(0, j, h)))
                }
            }
            return (nextH, nextC)
        }
    }

    @Test(arguments: RecurrentCase.all)
    func layersMatchTheEquations(_ test: RecurrentCase) throws {
        try BLAS.load()
        let s = test.shape
        let (d, gates, n) = (s.direction.count, s.cell.gates, s.hiddenSize)
        let x = noise(s.steps * s.batch * s.inputSize, seed: 1)
        let w = noise(d * gates * n * s.inputSize, seed: 2)
        let r = noise(d * gates * n * n, seed: 3)
        let bias = test.bias ? noise(d * 2 * gates * n, seed: 4) : nil
        let h0 = test.states ? noise(d * s.batch * n, seed: 5) : nil
        let c0 = test.states ? noise(d * s.batch * n, seed: 6) : nil
        let peepholes = test.peepholes ? noise(d * 3 * n, seed: 7) : nil
        let states = d * s.batch * n
        var reference = Reference(
            shape: s, x: x, w: w, r: r, bias: bias, h0: h0, c0: c0, peepholes: peepholes,
            lengths: test.lengths, y: Array(repeating: 0, count: s.steps * states),
            lastH: Array(repeating: 0, count: states), lastC: Array(repeating: 0, count: states))
        reference.run()

        let inputs = [x, w, r].map { Floats($0) }
        let optional = [bias, h0, c0, peepholes].map { $0.map { Floats($0) } }
        let y = Floats(count: s.steps * states)
        let (lastH, lastC) = (Floats(count: states), Floats(count: states))
        let workspace = Floats(count: Recurrent.workspaceFloats(s))
        var results: [[UInt32]] = []
        for threads in 1...3 {
            let pool = WorkerPool(threads: threads)
            unsafe withOptional(test.lengths) { lengths in
                let operands = unsafe RecurrentOperands(
                    x: inputs[0].pointer, weights: inputs[1].pointer,
                    recurrentWeights: inputs[2].pointer, bias: optional[0]?.pointer,
                    lengths: lengths, initialH: optional[1]?.pointer,
                    initialC: optional[2]?.pointer, peepholes: optional[3]?.pointer, y: y.pointer,
                    lastH: lastH.pointer, lastC: s.cell == .lstm ? lastC.pointer : nil)
                unsafe Recurrent.run(
                    shape: s, operands: operands, workspace: workspace.pointer, pool: pool)
            }
            #expect(worstError(y.values, reference.y) < 1e-5)
            #expect(worstError(lastH.values, reference.lastH) < 1e-5)
            if s.cell == .lstm { #expect(worstError(lastC.values, reference.lastC) < 1e-5) }
            results.append(y.values.bits)
        }
        #expect(results.allSatisfy { $0 == results[0] })
        withExtendedLifetime((inputs, optional)) {}
    }

    private func withOptional(
        _ list: [Int32]?, _ body: (UnsafePointer<Int32>?) -> Void
    ) {
        guard let list else { return body(nil) }
        unsafe list.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }
}
