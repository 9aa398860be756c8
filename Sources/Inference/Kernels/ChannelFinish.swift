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

    /// Floats of output from which on no cache can be trusted to hold them until they are read.
    static let streamFrom = 3 << 20
}
