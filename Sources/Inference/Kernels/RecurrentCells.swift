extension RecurrentRun {
    /// Moves the state of one sequence one step on.
    ///
    /// `sums` holds the recurrent sums of the step.
    func advance(sequence: Int, time: Int) {
        switch unsafe shape.cell {
        case .lstm: unsafe advanceLSTM(sequence, time)
        case .gru: unsafe advanceGRU(sequence, time)
        case .rnn: unsafe advanceRNN(sequence, time)
        }
    }

    private func clip(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
        guard let limit = unsafe shape.clip else { return }
        unsafe Activation.clip(low: -limit, high: limit).apply(values, count: count)
    }

    /// Adds the input's sums to those of the first few gates.
    private func add(
        _ input: UnsafePointer<Float>, to gates: UnsafeMutablePointer<Float>, gates count: Int
    ) {
        let size = unsafe shape.hiddenSize
        for gate in 0..<count {
            let row = unsafe gates + gate * weights.gateFloats
            for j in 0..<size { unsafe row[j] += input[gate * size + j] }
        }
    }

    private func advanceLSTM(_ sequence: Int, _ time: Int) {
        let size = unsafe shape.hiddenSize
        let input = unsafe projectedRow(time: time, sequence: sequence)
        let gates = unsafe sums + sequence * weights.rowFloats
        let pitch = unsafe weights.gateFloats
        let h = unsafe self.h + sequence * size
        let c = unsafe self.c + sequence * size
        let peepholes = unsafe operands.peepholes.map { unsafe $0 + direction * 3 * size }
        unsafe add(input, to: gates, gates: 4)
        let (i, o, f, g) = unsafe (gates, gates + pitch, gates + 2 * pitch, gates + 3 * pitch)
        if let p = unsafe peepholes {
            for j in 0..<size {
                unsafe i[j] += p[j] * c[j]
                unsafe f[j] += p[2 * size + j] * c[j]
            }
        }
        unsafe clip(i, size)
        unsafe clip(f, size)
        unsafe clip(g, size)
        unsafe activation(0).apply(i, count: size)
        if unsafe shape.inputForget {
            for j in 0..<size { unsafe f[j] = 1 - i[j] }
        } else {
            unsafe activation(0).apply(f, count: size)
        }
        unsafe activation(1).apply(g, count: size)
        for j in 0..<size { unsafe c[j] = f[j] * c[j] + i[j] * g[j] }
        if let p = unsafe peepholes {
            for j in 0..<size { unsafe o[j] += p[size + j] * c[j] }
        }
        unsafe clip(o, size)
        unsafe activation(0).apply(o, count: size)
        for j in 0..<size { unsafe h[j] = c[j] }
        unsafe activation(2).apply(h, count: size)
        for j in 0..<size { unsafe h[j] *= o[j] }
    }

    private func advanceGRU(_ sequence: Int, _ time: Int) {
        let size = unsafe shape.hiddenSize
        let input = unsafe projectedRow(time: time, sequence: sequence)
        let gates = unsafe sums + sequence * weights.rowFloats
        let pitch = unsafe weights.gateFloats
        let h = unsafe self.h + sequence * size
        let reset = unsafe spare + sequence * size
        let (z, r, candidate) = unsafe (gates, gates + pitch, gates + 2 * pitch)
        unsafe add(input, to: gates, gates: 2)
        unsafe clip(z, size)
        unsafe clip(r, size)
        unsafe activation(0).apply(z, count: size)
        unsafe activation(0).apply(r, count: size)
        if unsafe shape.linearBeforeReset {
            for j in 0..<size { unsafe candidate[j] = r[j] * candidate[j] }
        } else {
            for j in 0..<size { unsafe reset[j] = r[j] * h[j] }
            unsafe weights.multiply(
                reset, rows: 1, gate: 2, packed: packedWeights, sums: candidate)
            if let bias = unsafe recurrentBias {
                for j in 0..<size { unsafe candidate[j] += bias[2 * size + j] }
            }
        }
        for j in 0..<size { unsafe candidate[j] += input[2 * size + j] }
        unsafe clip(candidate, size)
        unsafe activation(1).apply(candidate, count: size)
        for j in 0..<size { unsafe h[j] = (1 - z[j]) * candidate[j] + z[j] * h[j] }
    }

    private func advanceRNN(_ sequence: Int, _ time: Int) {
        let size = unsafe shape.hiddenSize
        let input = unsafe projectedRow(time: time, sequence: sequence)
        let sum = unsafe sums + sequence * weights.rowFloats
        let h = unsafe self.h + sequence * size
        for j in 0..<size { unsafe h[j] = sum[j] + input[j] }
        unsafe clip(h, size)
        unsafe activation(0).apply(h, count: size)
    }
}
