import Inference
import Testing

@Suite struct ResizeTests {
    private func resize(_ shape: ResizeShape, _ values: [Float], threads: Int = 1) -> [Float] {
        let kernel = Resize(shape)
        let (x, y) = (Floats(values), Floats(count: shape.output.reduce(1, *)))
        let workspace = Floats(count: kernel.workspaceFloats)
        unsafe kernel.run(
            input: x.pointer, output: y.pointer, workspace: workspace.pointer,
            pool: WorkerPool(threads: threads))
        return withExtendedLifetime((x, workspace)) { y.values }
    }

    private func line(_ count: Int, to size: Int, scale: Float? = nil) -> ResizeShape {
        ResizeShape(
            input: [count], output: [size], scales: [scale ?? Float(size) / Float(count)])
    }

    private func close(_ a: [Float], _ b: [Float]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 }
    }

    @Test func linearUpsamplingMatchesHandComputedValues() {
        var shape = line(2, to: 4)
        shape.mode = .linear
        #expect(close(resize(shape, [1, 2]), [1, 1.25, 1.75, 2]))
        shape.coordinates = .alignCorners
        #expect(close(resize(shape, [1, 2]), [1, 4 / 3, 5 / 3, 2]))
        shape.coordinates = .asymmetric
        #expect(close(resize(shape, [1, 2]), [1, 1.5, 2, 2]))
    }

    @Test func linearDownsamplingTakesNeighboursOrWithAntialiasAllValues() {
        var shape = line(4, to: 2)
        shape.mode = .linear
        #expect(close(resize(shape, [1, 2, 3, 4]), [1.5, 3.5]))
        shape.antialias = true
        // Triangles of half-width 2 around 0.5 and 2.5: weights 1, 3, 3, 1 of 8, the values at the
        // ends repeated.
        let expected: [Float] = [(1 + 3 + 6 + 3) / 8, (2 + 9 + 12 + 4) / 8]
        #expect(close(resize(shape, [1, 2, 3, 4]), expected))
    }

    @Test func nearestTakesTheNeighbourThatTheRoundingSays() {
        var shape = line(2, to: 4)
        #expect(resize(shape, [1, 2]) == [1, 1, 2, 2])
        shape = line(4, to: 2)
        shape.coordinates = .asymmetric
        for (rounding, expected): (ResizeRounding, [Float]) in [
            (.floor, [1, 3]), (.ceil, [1, 3]), (.preferFloor, [1, 3]), (.preferCeil, [1, 3]),
        ] {
            shape.rounding = rounding
            #expect(resize(shape, [1, 2, 3, 4]) == expected)
        }
        // Positions 0, 0.5, 1, 1.5, ...
        shape = line(3, to: 6)
        shape.coordinates = .asymmetric
        shape.rounding = .preferFloor
        #expect(resize(shape, [1, 2, 3]) == [1, 1, 2, 2, 3, 3])
        shape.rounding = .preferCeil
        #expect(resize(shape, [1, 2, 3]) == [1, 2, 2, 3, 3, 3])
        shape.rounding = .ceil
        #expect(resize(shape, [1, 2, 3]) == [1, 2, 2, 3, 3, 3])
        shape.rounding = .floor
        #expect(resize(shape, [1, 2, 3]) == [1, 1, 2, 2, 3, 3])
    }

    @Test func cubicPassesThroughTheValuesAndKeepsAStraightLineInside() {
        var shape = line(8, to: 15)
        shape.mode = .cubic
        shape.coordinates = .alignCorners
        let values: [Float] = [3, 1, 4, 1, 5, 9, 2, 6]
        let result = resize(shape, values)
        #expect(close((0..<8).map { result[2 * $0] }, values))
        // Halfway: (a (p0 + p3) + (4 - a) (p1 + p2)) / 8 of Keys' kernel with a = -0.75.
        let expected: Float = (4.75 * 6 - 0.75 * 13) / 8
        #expect(abs(result[7] - expected) < 1e-5)
    }

    @Test func excludingTheOutsideScalesTheRemainingWeights() {
        var shape = line(4, to: 8)
        shape.mode = .cubic
        shape.excludeOutside = true
        let result = resize(shape, [1, 1, 1, 1])
        #expect(close(result, Array(repeating: 1, count: 8)))
    }

    @Test func croppingResizesARegionAndFillsTheOutside() {
        var shape = line(4, to: 3)
        shape.mode = .linear
        shape.coordinates = .cropAndResize
        shape.region = [0.5, 1.5]
        shape.extrapolation = 10
        // Positions 1.5, 3, 4.5.
        #expect(close(resize(shape, [1, 2, 3, 4]), [2.5, 4, 10]))
    }

    @Test(arguments: [ResizeMode.nearest, .linear, .cubic], [1, 3])
    func axesAreIndependent(_ mode: ResizeMode, _ threads: Int) {
        var shape = ResizeShape(
            input: [2, 3, 5, 4], output: [2, 3, 7, 9], scales: [1, 1, 7 / 5, 9 / 4])
        shape.mode = mode
        let x = noise(2 * 3 * 5 * 4, seed: 1)
        let both = resize(shape, x, threads: threads)
        var down = line(5, to: 7)
        down.mode = mode
        var across = line(4, to: 9)
        across.mode = mode
        for plane in 0..<6 {
            let rows = (0..<5).map { row in
                resize(across, Array(x[(plane * 5 + row) * 4..<(plane * 5 + row + 1) * 4]))
            }
            for column in 0..<9 {
                let line = resize(down, rows.map { $0[column] })
                for row in 0..<7 {
                    #expect(abs(both[(plane * 7 + row) * 9 + column] - line[row]) < 1e-5)
                }
            }
        }
    }
}
