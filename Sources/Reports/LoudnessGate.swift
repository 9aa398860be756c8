/// The two gates of BS.1770-4 over the loudness of blocks, in memory that does not grow.
///
/// Blocks are kept as sums by steps of 0.01 LU. The mean is of the blocks' own energies, so the
/// result errs only by blocks that lie within a step of the relative gate.
struct LoudnessGate {
    private static let floor = -70.0
    private static let stepsPerUnit = 100.0
    /// From -70 to +30 LUFS.
    private var counts = [UInt32](repeating: 0, count: 10_000)
    private var energies = [Double](repeating: 0, count: 10_000)
    /// The energies of the last four quarters of a block, 100 ms each.
    private var quarters = SIMD4<Double>.zero
    private var count = 0

    /// Takes the loudness of the next 100 ms in LUFS, which ends a block of 400 ms.
    ///
    /// A block below -70 LUFS is left out.
    mutating func add(_ loudness: Double) {
        quarters[count % 4] = power(10, loudness / 10)
        count += 1
        guard count >= 4 else { return }
        let energy = quarters.sum() / 4
        let height = decibels(ofPower: energy)
        guard height >= Self.floor else { return }
        let step = min(counts.count - 1, Int((height - Self.floor) * Self.stepsPerUnit))
        counts[step] &+= 1
        energies[step] += energy
    }

    /// The loudness of all blocks that are less than 10 LU below the mean of all, nil without any.
    var integrated: Double? {
        guard let all = mean(from: 0) else { return nil }
        let gate = (all - 10 - Self.floor) * Self.stepsPerUnit
        return mean(from: max(0, Int(gate.rounded(.up))))
    }

    private func mean(from first: Int) -> Double? {
        var (count, energy) = (0, 0.0)
        for step in first..<counts.count {
            count += Int(counts[step])
            energy += energies[step]
        }
        return count > 0 ? decibels(ofPower: energy / Double(count)) : nil
    }
}
