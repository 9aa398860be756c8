import Foundation

@testable import Evaluation

/// BSS Eval as its definition says it, in the time domain and without any shortcut.
struct Definition {
    let references: [[[Double]]]
    let estimates: [[[Double]]]
    let taps: Int

    /// The ratios of each window and source.
    func ratios(window: Int) -> [[WindowRatios]] {
        let length = references[0][0].count
        let size = min(window, length)
        let everything = references.flatMap { $0 }
        var result: [[WindowRatios]] = []
        for start in stride(from: 0, through: length - size, by: size) {
            var row: [WindowRatios] = []
            for source in references.indices {
                var (reference, error, spatial, own) = (0.0, 0.0, 0.0, 0.0)
                var (interference, all, artifacts) = (0.0, 0.0, 0.0)
                for channel in references[source].indices {
                    let estimate = estimates[source][channel]
                    let wide = filters(estimate, everything)
                    let narrow = filters(estimate, references[source])
                    let range = start..<start + size
                    func cut(_ signal: [Double]) -> [Double] { Array(signal[range]) }
                    let p = filtered(everything.map(cut), wide)
                    let o = filtered(references[source].map(cut), narrow)
                    let padding = [Double](repeating: 0, count: taps - 1)
                    let s = cut(references[source][channel]) + padding
                    let e = cut(estimate) + padding
                    for n in s.indices {
                        reference += s[n] * s[n]
                        error += (e[n] - s[n]) * (e[n] - s[n])
                        spatial += (o[n] - s[n]) * (o[n] - s[n])
                        own += o[n] * o[n]
                        interference += (p[n] - o[n]) * (p[n] - o[n])
                        all += p[n] * p[n]
                        artifacts += (e[n] - p[n]) * (e[n] - p[n])
                    }
                }
                func decibels(_ a: Double, _ b: Double) -> Double { 10 * log10(a / b) }
                row.append(
                    WindowRatios(
                        sdr: decibels(reference, error), isr: decibels(reference, spatial),
                        sir: decibels(own, interference), sar: decibels(all, artifacts)))
            }
            result.append(row)
        }
        return result
    }

    /// What comes out of filters `[signal][tap]`, added up, `taps - 1` samples longer than what goes in.
    private func filtered(_ signals: [[Double]], _ filters: [[Double]]) -> [Double] {
        var sum = [Double](repeating: 0, count: signals[0].count + taps - 1)
        for (signal, filter) in zip(signals, filters) {
            for n in signal.indices { for k in 0..<taps { sum[n + k] += signal[n] * filter[k] } }
        }
        return sum
    }

    /// The filters of the delayed signals that come nearest to a target, by the normal equations and
    /// Gauss's elimination.
    private func filters(_ target: [Double], _ signals: [[Double]]) -> [[Double]] {
        let end = target.count + taps - 1
        let columns = signals.flatMap { signal in
            (0..<taps).map { delay in
                [Double](repeating: 0, count: delay) + signal
                    + [Double](repeating: 0, count: end - signal.count - delay)
            }
        }
        let goal = target + [Double](repeating: 0, count: taps - 1)
        func product(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        var rows = columns.map { a in columns.map { product(a, $0) } + [product(a, goal)] }
        for pivot in rows.indices {
            let best = (pivot..<rows.count).max { abs(rows[$0][pivot]) < abs(rows[$1][pivot]) }
            rows.swapAt(pivot, best ?? pivot)
            for row in rows.indices where row != pivot {
                let factor = rows[row][pivot] / rows[pivot][pivot]
                for column in pivot...rows.count {
                    rows[row][column] -= factor * rows[pivot][column]
                }
            }
        }
        let flat = rows.indices.map { rows[$0][rows.count] / rows[$0][$0] }
        return signals.indices.map { Array(flat[$0 * taps..<($0 + 1) * taps]) }
    }
}
