import CKernels

/// Bias and epilogue of a convolution, ready for the inner loops.
struct ChannelFinish: Sendable {
    let bias: [Float]?
    let epilogue: ConvolutionEpilogue
    /// Whether results go past the caches.
    let streams: Bool

    init(
        bias: UnsafePointer<Float>?, channels: Int, epilogue: ConvolutionEpilogue, outputCount: Int
    ) {
        streams = outputCount >= Self.streamFrom
        unsafe self.bias = bias.map {
            unsafe Array(UnsafeBufferPointer(start: $0, count: channels))
        }
        self.epilogue = epilogue
    }

    /// - Parameter addend: The channel's plane of the addend, where there is one.
    func of(channel: Int, addend: UnsafePointer<Float>?) -> uk_finish {
        let (operation, alpha, beta) = epilogue.activation.loop
        return unsafe uk_finish(
            bias: bias?[channel] ?? 0,
            before: epilogue.addend == .beforeActivation ? addend : nil,
            op: operation, alpha: alpha, beta: beta, scale: epilogue.scale?[channel] ?? 1,
            shift: epilogue.shift?[channel] ?? 0,
            after: epilogue.addend == .last || epilogue.addend == .lastAsFactor ? addend : nil,
            multiplies: epilogue.addend == .lastAsFactor, stream: streams)
    }

    /// Asks for the rows of an addend that will be wanted soon.
    ///
    /// A channel's part of it is too short a run for the CPU to see the next one's coming.
    static func fetch(_ addend: UnsafePointer<Float>?, rows: Int, pitch: Int, count: Int) {
        guard let addend = unsafe addend else { return }
        for row in 0..<max(rows, 0) { unsafe uk_fetch(addend + row * pitch, count) }
    }

    /// Floats of output from which on no cache can be trusted to hold them until they are read.
    static let streamFrom = 3 << 20
}
