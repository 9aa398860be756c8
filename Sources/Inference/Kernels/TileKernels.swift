import CKernels

/// The inner loops for one instruction set; C, as Swift keeps no array of vectors in registers.
@safe
package struct TileKernels: Sendable {
    // Points to a constant of the program.
    private nonisolated(unsafe) let set: UnsafePointer<uk_kernel_set>

    /// The best that the CPU and the system can run.
    package static let best = unsafe TileKernels(set: uk_kernel_set_best())

    /// The loops for a named instruction set: `avx512`, `avx2` or `base`; nil where it can't run.
    package init?(named name: String) {
        guard let set = unsafe uk_kernel_set_named(name) else { return nil }
        unsafe self.set = set
    }

    private init(set: UnsafePointer<uk_kernel_set>) {
        unsafe self.set = set
    }

    package var name: String { unsafe String(cString: set.pointee.name) }
    /// Floats in a vector.
    var lanes: Int { unsafe set.pointee.lanes }
    /// Rows in a panel of packed weights.
    var rows: Int { unsafe set.pointee.rows }

    /// `c (+)= a b`, with `a` in panels and `b` in vectors at `b + offsets[p] + starts[j]`.
    @inline(__always)
    func product(
        m: Int, k: Int, vectors: Int, a: UnsafePointer<Float>, b: UnsafePointer<Float>,
        offsets: UnsafePointer<Int32>, starts: UnsafePointer<Int32>,
        c: UnsafeMutablePointer<Float>, ldc: Int, accumulate: Bool
    ) {
        unsafe set.pointee.product(m, k, vectors, a, b, offsets, starts, c, ldc, accumulate)
    }

    /// `c = alpha a b`, nothing packed; `a`, `b` and `c` row-major.
    package func smallProduct(
        m: Int, n: Int, k: Int, alpha: Float, a: UnsafePointer<Float>, lda: Int,
        b: UnsafePointer<Float>, ldb: Int, c: UnsafeMutablePointer<Float>, ldc: Int
    ) {
        unsafe set.pointee.small_product(m, n, k, alpha, a, lda, b, ldb, c, ldc)
    }

    @inline(__always)
    func fill(
        _ slab: inout uk_slab, from source: UnsafePointer<Float>?,
        to target: UnsafeMutablePointer<Float>
    ) {
        unsafe set.pointee.fill_slab(&slab, source, target)
    }

    @inline(__always)
    func finish(
        _ finish: inout uk_finish, from sums: UnsafePointer<Float>,
        to plane: UnsafeMutablePointer<Float>, count: Int, at: Int
    ) {
        unsafe set.pointee.finish_row(&finish, sums, plane, count, at)
    }

    @inline(__always)
    func join(
        _ from: UnsafePointer<Float>, pitch: Int, phases: Int, to: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        unsafe set.pointee.join_line(from, pitch, phases, to, count)
    }

    @inline(__always)
    func winogradInput(
        slab: UnsafePointer<Float>, rowPitch: Int, phaseDown: Int, phaseAcross: Int,
        starts: UnsafePointer<Int32>, vectors: Int, to: UnsafeMutablePointer<Float>,
        pointPitch: Int
    ) {
        unsafe set.pointee.winograd_input(
            slab, rowPitch, phaseDown, phaseAcross, starts, vectors, to, pointPitch)
    }

    @inline(__always)
    func winogradOutput(
        from: UnsafePointer<Float>, pointPitch: Int, vectors: Int,
        to: UnsafeMutablePointer<Float>, linePitch: Int
    ) {
        unsafe set.pointee.winograd_output(from, pointPitch, vectors, to, linePitch)
    }

    /// Most rows of `shares`.
    static let mostShares = Int(UK_MOST_SHARES)

    /// Shares that sum to one of each of `width` columns of `count` rows.
    ///
    /// - Parameters:
    ///   - pitch: Floats from one row of `x` to the next; likewise `resultPitch`.
    ///   - streams: Whether results go past the caches.
    func shares(
        of x: UnsafePointer<Float>, pitch: Int, to y: UnsafeMutablePointer<Float>,
        resultPitch: Int, count: Int, width: Int, streams: Bool
    ) {
        unsafe set.pointee.softmax_columns(x, pitch, y, resultPitch, count, width, streams)
    }

    @inline(__always)
    func packRows(
        _ a: UnsafePointer<Float>, lda: Int, m: Int, k: Int, to: UnsafeMutablePointer<Float>
    ) {
        unsafe set.pointee.pack_rows(a, lda, m, k, to)
    }

    /// Floats for `count` vectors' worth of numbers.
    func roundUp(_ count: Int) -> Int { (count + lanes - 1) / lanes * lanes }

    /// Packs a matrix, [m][k] dense, into panels of `rows` rows: panel, k, row.
    func panels(m: Int, k: Int, _ value: (_ row: Int, _ column: Int) -> Float) -> [Float] {
        var packed: [Float] = []
        packed.reserveCapacity(m * k)
        for first in stride(from: 0, to: m, by: rows) {
            for column in 0..<k {
                for row in first..<min(first + rows, m) { packed.append(value(row, column)) }
            }
        }
        return packed
    }
}
