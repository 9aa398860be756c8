import Inference
import Testing

/// Files that are not what they claim: each is an error with facts or a model, never a trap.
struct OnnxReadingTests {
    /// Prepares and runs whatever the bytes say, within small bounds.
    private func consume(_ bytes: [UInt8]) {
        guard let model = try? OnnxModel(bytes: bytes) else { return }
        var options = NetworkOptions()
        options.maximumValueBytes = 1 << 22
        options.maximumMemoryBytes = 1 << 24
        guard let network = try? Network(model, threads: 1, options: options) else { return }
        network.run()
    }

    @Test func aModelReadsBack() throws {
        let model = try ModelBytes.smallNet().model()
        #expect(model.opset == 17)
        #expect(model.graph.nodes.count == 10)
        #expect(model.graph.nodes[0].name == "first")
        #expect(model.graph.inputs[0].shape == [.size(1), .size(3), .size(16), .size(20)])
        #expect(model.graph.initializers.count == 9)
    }

    @Test func everyPrefixIsAnErrorOrAModel() {
        let bytes = ModelBytes.smallNet().bytes
        var refused = 0
        for length in 0..<bytes.count {
            if (try? OnnxModel(bytes: Array(bytes[..<length]))) == nil { refused += 1 }
        }
        // A cut inside the graph always shows; only the few bytes after it may be missing unseen.
        #expect(refused > bytes.count - 16)
    }

    @Test func flippedBitsAreErrorsOrModels() {
        let bytes = ModelBytes.smallNet().bytes
        var generator = Xorshift(state: 4)
        for _ in 0..<1500 {
            var damaged = bytes
            for _ in 0..<Int(generator.next() % 3) + 1 {
                damaged[Int(generator.next() % UInt64(bytes.count))] ^= 1 << (generator.next() % 8)
            }
            consume(damaged)
        }
    }

    /// Damage to the structure rather than to the weights, which are most of the bytes.
    @Test func everyFlippedBitOfAModelWithoutWeightsIsAnErrorOrAModel() {
        var model = ModelBytes()
        model.input("x", [2, 3, 5, 4])
        model.weight("pads", [0, 0, 1, 1, 0, 0, 1, 1])
        model.node("Pad", ["x", "pads"], ["p"], ["mode": .string("reflect")])
        model.weight("starts", [1])
        model.weight("ends", [6])
        model.weight("axes", [2])
        model.node("Slice", ["p", "starts", "ends", "axes"], ["s"])
        model.node(
            "AveragePool", ["s"], ["a"],
            ["kernel_shape": .ints([2, 2]), "strides": .ints([1, 2]), "ceil_mode": .int(1)])
        model.node("Transpose", ["a"], ["t"], ["perm": .ints([0, 2, 1, 3])])
        model.node("ReduceMean", ["t"], ["m"], ["axes": .ints([1]), "keepdims": .int(1)])
        model.node("Sub", ["t", "m"], ["y"])
        model.output("y")
        let bytes = model.bytes
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(bit)
                consume(damaged)
            }
        }
    }

    @Test(arguments: [1 << 40, 1 << 62, Int(Int32.max), -1])
    func aHugeDeclaredSizeIsRefused(size: Int) {
        var model = ModelBytes()
        let name = ModelBytes.field(8, Array("w".utf8))
        model.rawTensor(
            ModelBytes.field(1, size) + ModelBytes.field(1, size) + ModelBytes.field(2, 1) + name
                + ModelBytes.field(9, [0, 0, 0, 0]))
        #expect {
            try model.model()
        } throws: { error in
            let error = error as? OnnxError
            return error?.code == .inconsistentTensor && error?.subject == "w"
        }
    }

    @Test func aLengthBeyondTheEndIsTruncation() {
        // Field 7, length 2^63 - 1.
        let bytes = [UInt8(7 << 3 | 2)] + ModelBytes.varint(UInt64(Int64.max)) + [1, 2, 3]
        #expect {
            try OnnxModel(bytes: bytes)
        } throws: { ($0 as? OnnxError)?.code == .truncated }
    }

    @Test func messagesNestedWithoutEndAreRefused() {
        // A graph in a node's attribute in a graph, and so on.
        var graph: [UInt8] = []
        for _ in 0..<2000 {
            let attribute = ModelBytes.field(6, graph) + ModelBytes.field(20, 5)
            graph = ModelBytes.field(1, ModelBytes.field(5, attribute))
        }
        #expect {
            try OnnxModel(bytes: ModelBytes.field(7, graph))
        } throws: { ($0 as? OnnxError)?.code == .tooDeep }
    }

    @Test func weightsInAnotherFileAreRefusedByName() {
        var model = ModelBytes()
        model.rawTensor(
            ModelBytes.field(1, 2) + ModelBytes.field(2, 1)
                + ModelBytes.field(8, Array("far".utf8)) + ModelBytes.field(14, 1))
        #expect {
            try model.model()
        } throws: { error in
            let error = error as? OnnxError
            return error?.code == .externalData && error?.subject == "far"
        }
    }

    @Test func aMissingFileIsNamed() {
        #expect {
            try OnnxModel(contentsOf: "/nowhere/net.onnx")
        } throws: { error in
            let error = error as? OnnxError
            return error?.code == .unreadableFile && error?.subject == "/nowhere/net.onnx"
        }
    }

    @Test func halfPrecisionWeightsBecomeFloats() throws {
        var model = ModelBytes()
        // 1.5, -2 and the smallest subnormal of 16 bits.
        model.rawTensor(
            ModelBytes.field(1, 3) + ModelBytes.field(2, 10)
                + ModelBytes.field(8, Array("h".utf8))
                + ModelBytes.field(9, [0x00, 0x3e, 0x00, 0xc0, 0x01, 0x00]))
        let tensor = try model.model().graph.initializers[0].tensor
        #expect(tensor.floats == [1.5, -2, 0x1p-24])
        #expect(tensor.elementType == .float16)
    }
}

/// Random numbers that are the same on every run.
struct Xorshift {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
