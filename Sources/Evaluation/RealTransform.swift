private import CFFTWDouble
private import Synchronization

/// A Fourier transform of real numbers of one size and its inverse, in double precision.
///
/// Spectra have `size / 2 + 1` bins. Both directions are unscaled. Plans are estimated, so that
/// results are the same bits in every run; one transform may run on many threads at once.
@safe final class RealTransform: @unchecked Sendable {
    /// Numbers in one transform, even.
    let size: Int
    /// Numbers from one row of bins to the next: `size / 2 + 1`, rounded up to whole vectors.
    let stride: Int
    // A plan never changes once made, and executing one on arrays of one's own is thread safe.
    private let forwardPlan: fftw_plan
    private let inversePlan: fftw_plan
    private static let planner = Mutex<Void>(())

    /// Plans transforms.
    ///
    /// - Precondition: `size` is even and positive.
    init(size: Int) {
        precondition(size > 0 && size.isMultiple(of: 2))
        self.size = size
        let stride = (size / 2 + 1 + 7) & ~7
        self.stride = stride
        let samples = Row(size)
        let spectrum = Spectrum(stride)
        let flags = UInt32(FFTW_ESTIMATE)
        unsafe (forwardPlan, inversePlan) = Self.planner.withLock { _ in
            var dimension = fftw_iodim(n: Int32(size), is: 1, os: 1)
            // FFTW returns no plan only when it was built without the transform's kind.
            guard
                let forward = unsafe fftw_plan_guru_split_dft_r2c(
                    1, &dimension, 0, nil, samples.start, spectrum.parts.start,
                    spectrum.parts.start + stride, flags),
                let inverse = unsafe fftw_plan_guru_split_dft_c2r(
                    1, &dimension, 0, nil, spectrum.parts.start, spectrum.parts.start + stride,
                    samples.start, flags)
            else {
                preconditionFailure("this FFTW has no real transforms in double precision")
            }
            return unsafe (forward, inverse)
        }
    }

    deinit {
        Self.planner.withLock { _ in
            unsafe fftw_destroy_plan(forwardPlan)
            unsafe fftw_destroy_plan(inversePlan)
        }
    }

    /// Transforms `size` numbers; they keep their values.
    func forward(_ samples: Row, _ spectrum: Spectrum) {
        precondition(samples.count >= size && spectrum.stride == stride)
        unsafe fftw_execute_split_dft_r2c(
            forwardPlan, samples.start, spectrum.parts.start, spectrum.parts.start + stride)
    }

    /// Transforms a spectrum back, `size` times too large; the spectrum is overwritten.
    func inverse(_ spectrum: Spectrum, _ samples: Row) {
        precondition(samples.count >= size && spectrum.stride == stride)
        unsafe fftw_execute_split_dft_c2r(
            inversePlan, spectrum.parts.start, spectrum.parts.start + stride, samples.start)
    }

    /// The least even size from `least` on that has no prime factor above 7.
    static func goodSize(atLeast least: Int) -> Int {
        var size = max(2, least + least % 2)
        while true {
            var rest = size
            for factor in [2, 3, 5, 7] {
                while rest.isMultiple(of: factor) { rest /= factor }
            }
            if rest == 1 { return size }
            size += 2
        }
    }
}

/// A spectrum: all real parts, then all imaginary parts.
///
/// Both are in one row, because a plan of FFTW holds for any arrays whose parts lie equally far apart.
final class Spectrum: Sendable {
    /// The real parts from 0 on, the imaginary parts from `stride` on.
    let parts: Row
    /// Numbers from the first real part to the first imaginary part, a multiple of eight.
    let stride: Int

    /// A spectrum of zeros.
    init(_ stride: Int) {
        self.stride = stride
        parts = Row(2 * stride)
    }

    /// Eight bins from one on whose number is a multiple of eight.
    func bins(_ bin: Int) -> (real: SIMD8<Double>, imaginary: SIMD8<Double>) {
        (parts.vector(bin), parts.vector(stride + bin))
    }

    /// Adds to eight bins from one on whose number is a multiple of eight.
    func add(_ bin: Int, _ real: SIMD8<Double>, _ imaginary: SIMD8<Double>) {
        parts.setVector(bin, parts.vector(bin) + real)
        parts.setVector(stride + bin, parts.vector(stride + bin) + imaginary)
    }
}

/// A row of numbers, aligned for vectors, zero at first.
///
/// One thread at a time may write to it; who hands rows to threads sees to that.
@safe final class Row: @unchecked Sendable {
    /// How many numbers there are.
    let count: Int
    /// The first of them.
    let start: UnsafeMutablePointer<Double>

    /// A row of zeros.
    init(_ count: Int) {
        self.count = count
        unsafe start = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 8) * MemoryLayout<Double>.stride, alignment: 64
        ).bindMemory(to: Double.self, capacity: max(count, 8))
        unsafe start.initialize(repeating: 0, count: max(count, 8))
    }

    deinit { unsafe start.deallocate() }

    subscript(index: Int) -> Double {
        get {
            precondition(index >= 0 && index < count)
            return unsafe start[index]
        }
        set {
            precondition(index >= 0 && index < count)
            unsafe start[index] = newValue
        }
    }

    /// Eight numbers from a place that is a multiple of eight on.
    ///
    /// - Precondition: `index + 8 <= count`, which is checked only in debug builds.
    func vector(_ index: Int) -> SIMD8<Double> {
        assert(index.isMultiple(of: 8) && index + 8 <= count)
        return unsafe UnsafeRawPointer(start + index).load(as: SIMD8<Double>.self)
    }

    /// Replaces eight numbers from a place that is a multiple of eight on.
    ///
    /// - Precondition: `index + 8 <= count`, which is checked only in debug builds.
    func setVector(_ index: Int, _ value: SIMD8<Double>) {
        assert(index.isMultiple(of: 8) && index + 8 <= count)
        unsafe UnsafeMutableRawPointer(start + index).storeBytes(
            of: value, as: SIMD8<Double>.self)
    }

    /// Replaces numbers from a place on by those of an array.
    func set(_ place: Int, _ values: ArraySlice<Double>) {
        precondition(place >= 0 && place + values.count <= count)
        unsafe values.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe (start + place).update(from: base, count: source.count)
        }
    }

    /// Moves the numbers from a place on to the beginning and puts zeros behind them.
    func shift(from place: Int) {
        precondition(place >= 0 && place <= count)
        unsafe start.update(from: start + place, count: count - place)
        unsafe (start + (count - place)).update(repeating: 0, count: place)
    }

    /// Sets numbers to zero.
    func clear(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        unsafe (start + range.lowerBound).update(repeating: 0, count: range.count)
    }
}
