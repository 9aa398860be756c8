/// A convolution over 1 to 3 axes, brought to the form that the kernels compute: planes of rows.
///
/// A depth axis becomes more channels: an output plane at some depth reads, for each channel, one
/// input plane per depth tap. A missing height axis has size 1.
struct PlaneGeometry: Sendable {
    let height: Int
    let width: Int
    let outHeight: Int
    let outWidth: Int
    /// Floats from one row to the next, in the input and in what is written.
    let pitch: Int
    let outPitch: Int
    let kernel: (y: Int, x: Int)
    let stride: (y: Int, x: Int)
    let dilation: (y: Int, x: Int)
    let pad: (y: Int, x: Int)
    let depth: Int
    let outDepth: Int
    let depthTaps: Int
    private let depthStride: Int
    private let depthDilation: Int
    private let depthPad: Int
    private let transposed: Bool

    init(_ shape: ConvolutionShape) {
        self.init(
            input: shape.input, output: shape.output, kernel: shape.kernel,
            strides: shape.strides, dilations: shape.dilations, pads: shape.padBegin,
            pitch: shape.inputPitch, outPitch: shape.outputPitch, transposed: false)
    }

    init(_ shape: TransposedConvolutionShape) {
        self.init(
            input: shape.input, output: shape.output, kernel: shape.kernel,
            strides: shape.strides, dilations: shape.dilations, pads: shape.padBegin,
            pitch: nil, outPitch: nil, transposed: true)
    }

    private init(
        input: [Int], output: [Int], kernel: [Int], strides: [Int], dilations: [Int], pads: [Int],
        pitch: Int?, outPitch: Int?, transposed: Bool
    ) {
        func three(_ list: [Int], _ filler: Int) -> [Int] {
            Array(repeating: filler, count: 3 - list.count) + list
        }
        let size = three(input, 1)
        let out = three(output, 1)
        let taps = three(kernel, 1)
        let step = three(strides, 1)
        let spread = three(dilations, 1)
        let pad = three(pads, 0)
        (depth, height, width) = (size[0], size[1], size[2])
        (outDepth, outHeight, outWidth) = (out[0], out[1], out[2])
        self.pitch = pitch ?? size[2]
        self.outPitch = outPitch ?? out[2]
        (depthTaps, self.kernel) = (taps[0], (taps[1], taps[2]))
        (depthStride, stride) = (step[0], (step[1], step[2]))
        (depthDilation, dilation) = (spread[0], (spread[1], spread[2]))
        (depthPad, self.pad) = (pad[0], (pad[1], pad[2]))
        self.transposed = transposed
    }

    /// Floats from one plane to the next, in the input and in what is written.
    var planeFloats: Int { height * pitch }
    var outPlaneFloats: Int { outHeight * outPitch }

    /// The input plane that depth tap `tap` of output plane `plane` reads; nil for padding.
    func source(plane: Int, tap: Int) -> Int? {
        let at: Int
        if transposed {
            let reach = plane + depthPad - tap * depthDilation
            guard reach >= 0, reach % depthStride == 0 else { return nil }
            at = reach / depthStride
        } else {
            at = plane * depthStride + tap * depthDilation - depthPad
        }
        return at >= 0 && at < depth ? at : nil
    }
}
