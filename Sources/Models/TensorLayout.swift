/// Where the value of a stem, channel, frame and bin lies in a net's tensor.
struct TensorLayout: Sendable {
    /// Values from one index to the next of each axis; 0 for an axis that the tensor lacks.
    private(set) var stem = 0
    private(set) var channel = 0
    private(set) var frame = 0
    private(set) var bin = 0
    /// The sizes of the axes, outermost first, as the .onnx file is to have them.
    let shape: [Int]

    /// The layout of a dense tensor.
    ///
    /// - Parameter size: the size of an axis.
    init(axes: [ModelCard.Axis], size: (ModelCard.Axis) -> Int) {
        shape = axes.map(size)
        var stride = 1
        for (axis, count) in zip(axes, shape).reversed() {
            switch axis {
            case .batch: break
            case .stem: stem = stride
            case .channel: channel = stride
            case .frame: frame = stride
            case .bin: bin = stride
            }
            stride *= count
        }
    }

    /// The index of the first bin of a frame.
    func start(stem: Int, channel: Int, frame: Int) -> Int {
        stem * self.stem + channel * self.channel + frame * self.frame
    }
}
