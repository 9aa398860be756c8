private import CFFTW
private import Synchronization

/// A real-to-complex Fourier transform of one fixed size and its inverse, in single precision.
///
/// Both directions are unscaled, as FFTW's are: the inverse of the forward transform is `size` times
/// the input. Making and destroying a transform takes a process-wide lock, because FFTW's planner is
/// not thread safe; running one takes none, and one transform may run on many threads at once.
///
/// Plans are estimated, never timed: a timed plan can differ from run to run, and with it the last
/// bits of every result.
package final class FourierTransform: Sendable {
    /// Real samples in one transform, even.
    package let size: Int
    private let plans: Plans

    /// Plans transforms of `size` samples.
    ///
    /// - Precondition: `size` is even and positive.
    package init(size: Int) {
        precondition(size > 0 && size.isMultiple(of: 2))
        self.size = size
        plans = Plans.make(size: size)
    }

    deinit { plans.destroy() }

    /// Transforms `buffers.samples` into `buffers.bins`.
    func forward(_ buffers: TransformBuffers) {
        precondition(buffers.size == size)
        unsafe fftwf_execute_dft_r2c(plans.forward, buffers.samplePointer, buffers.complexPointer)
    }

    /// Transforms `buffers.bins` back into `buffers.samples`; the bins are overwritten.
    func inverse(_ buffers: TransformBuffers) {
        precondition(buffers.size == size)
        unsafe fftwf_execute_dft_c2r(plans.inverse, buffers.complexPointer, buffers.samplePointer)
    }
}

private let planner = Mutex<Void>(())

/// The two FFTW plans of a size.
///
/// Unchecked because an FFTW plan never changes once made, and executing one on arrays of one's own
/// is documented as thread safe.
@safe private struct Plans: @unchecked Sendable {
    let forward: fftwf_plan
    let inverse: fftwf_plan

    static func make(size: Int) -> Plans {
        planner.withLock { _ in Plans(lockedWithSize: size) }
    }

    private init(lockedWithSize size: Int) {
        let buffers = TransformBuffers(size: size)
        let flags = UInt32(FFTW_ESTIMATE | FFTW_DESTROY_INPUT)
        // FFTW returns no plan only when it was built without the transform's kind.
        guard
            let forward = unsafe fftwf_plan_dft_r2c_1d(
                Int32(size), buffers.samplePointer, buffers.complexPointer, flags),
            let inverse = unsafe fftwf_plan_dft_c2r_1d(
                Int32(size), buffers.complexPointer, buffers.samplePointer, flags)
        else {
            preconditionFailure("this FFTW has no real transforms in single precision")
        }
        unsafe self.forward = forward
        unsafe self.inverse = inverse
    }

    func destroy() {
        planner.withLock { _ in
            unsafe fftwf_destroy_plan(forward)
            unsafe fftwf_destroy_plan(inverse)
        }
    }
}

/// The input and output of one transform, aligned as FFTW's vector code wants them.
@safe final class TransformBuffers {
    let size: Int
    fileprivate let samplePointer: UnsafeMutablePointer<Float>
    private let binPointer: UnsafeMutablePointer<SIMD2<Float>>

    /// Zeroed buffers of `size` samples and `size / 2 + 1` bins.
    init(size: Int) {
        self.size = size
        let bins = size / 2 + 1
        unsafe samplePointer = UnsafeMutableRawPointer.allocate(
            byteCount: size * MemoryLayout<Float>.stride, alignment: 64
        ).bindMemory(to: Float.self, capacity: size)
        unsafe samplePointer.initialize(repeating: 0, count: size)
        unsafe binPointer = UnsafeMutableRawPointer.allocate(
            byteCount: bins * MemoryLayout<SIMD2<Float>>.stride, alignment: 64
        ).bindMemory(to: SIMD2<Float>.self, capacity: bins)
        unsafe binPointer.initialize(repeating: .zero, count: bins)
    }

    deinit {
        unsafe samplePointer.deallocate()
        unsafe binPointer.deallocate()
    }

    /// FFTW's complex value is a pair of floats, which `SIMD2<Float>` is too.
    fileprivate var complexPointer: UnsafeMutablePointer<fftwf_complex> {
        unsafe UnsafeMutableRawPointer(binPointer)
            .assumingMemoryBound(to: fftwf_complex.self)
    }

    /// The time side.
    func withSamples<R>(_ body: (inout MutableSpan<Float>) -> R) -> R {
        var span = unsafe MutableSpan(_unsafeStart: samplePointer, count: size)
        return body(&span)
    }

    /// The frequency side.
    func withBins<R>(_ body: (inout MutableSpan<SIMD2<Float>>) -> R) -> R {
        var span = unsafe MutableSpan(_unsafeStart: binPointer, count: size / 2 + 1)
        return body(&span)
    }
}
