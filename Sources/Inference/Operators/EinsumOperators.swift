/// Sums of products written by letters.
enum EinsumOperators {
    static let rules: [String: OperatorRule] = ["Einsum": einsum]

    /// Computes any sum directly, element by element: right for every equation, fast for none.
    private static func einsum(_ site: Site) throws(GraphError) -> Lowering {
        let equation = try site.string("equation", default: "").filter { $0 != " " }
        let sides = equation.components(separatedBy: "->")
        guard (1...2).contains(sides.count) else { throw site.error(.invalidAttribute, equation) }
        let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(
            String.init)
        guard terms.count == site.operands.count, (1...3).contains(terms.count) else {
            throw site.error(.unsupported, "\(terms.count) operands")
        }
        var sizes: [Character: Int] = [:]
        var labels: [[Character]] = []
        var types: [TensorType] = []
        for (index, term) in terms.enumerated() {
            let type = try site.float(index).type
            guard let expanded = expand(term, rank: type.shape.count) else {
                throw site.error(.shapeMismatch, term)
            }
            for (letter, size) in zip(expanded, type.shape) {
                let known = sizes[letter] ?? 1
                guard known == size || known == 1 || size == 1 else {
                    throw site.error(.shapeMismatch, "\(letter) is \(known) and \(size)")
                }
                sizes[letter] = max(known, size)
            }
            labels.append(expanded)
            types.append(type)
        }
        let result = try output(site, sides, labels)
        let summed = sizes.keys.filter { !result.contains($0) }.sorted()
        let outputType = try site.options.checked(
            TensorType(result.map { sizes[$0] ?? 1 }, types[0].elementType))
        let order = result + summed
        let strides = zip(labels, types).map { letters, type -> [Int] in
            let own = Shapes.strides(type.shape)
            return order.map { letter in
                letters.indices.reduce(0) {
                    $0 + (letters[$1] == letter && type.shape[$1] != 1 ? own[$1] : 0)
                }
            }
        }
        let head = result.count
        let outer = JointLoops(
            shape: outputType.shape, strides: strides.map { Array($0.prefix(head)) })
        let inner = JointLoops(
            shape: summed.map { sizes[$0] ?? 1 }, strides: strides.map { Array($0.dropFirst(head)) }
        )
        let (count, arrays) = (Shapes.count(summed.map { sizes[$0] ?? 1 }), terms.count)
        let total = outputType.count
        return Lowering(
            [outputType], operations: total.multipliedReportingOverflow(by: 2 * count).partialValue
        ) { _ in
            Kernel("direct") { operands in
                operands.pool.run(count: total) { index, _ in
                    var sum: Double = 0
                    for step in 0..<count {
                        var product: Float = 1
                        for array in 0..<arrays {
                            let at =
                                outer.offset(array, at: index, depth: outer.sizes.count)
                                + inner.offset(array, at: step, depth: inner.sizes.count)
                            unsafe product *= operands.input(array)[at]
                        }
                        sum += Double(product)
                    }
                    unsafe operands.output()[index] = Float(sum)
                }
            }
        }
    }

    /// The letters of a term, where dots stand for digits counted from the end.
    private static func expand(_ term: String, rank: Int) -> [Character]? {
        let parts = term.components(separatedBy: "...")
        guard (1...2).contains(parts.count), term.count <= 64 else { return nil }
        guard parts.count == 2 else { return term.count == rank ? Array(term) : nil }
        let hidden = rank - parts[0].count - parts[1].count
        guard (0...10).contains(hidden) else { return nil }
        let digits = (0..<hidden).reversed().map { Character("\($0)") }
        return Array(parts[0]) + digits + Array(parts[1])
    }

    private static func output(
        _ site: Site, _ sides: [String], _ labels: [[Character]]
    ) throws(GraphError) -> [Character] {
        let all = labels.flatMap { $0 }
        let hidden = Set(all.filter(\.isNumber)).sorted().reversed()
        guard sides.count == 2 else {
            // Without an arrow: the dots, then every letter that occurs once, in alphabetical order.
            return hidden
                + Set(all.filter { letter in !letter.isNumber && all.count { $0 == letter } == 1 })
                .sorted()
        }
        let parts = sides[1].components(separatedBy: "...")
        let letters =
            parts.count == 2 ? Array(parts[0]) + hidden + Array(parts[1]) : Array(sides[1])
        guard Set(letters).count == letters.count, letters.allSatisfy(all.contains) else {
            throw site.error(.invalidAttribute, sides[1])
        }
        return letters
    }
}

extension String {
    /// The parts between occurrences of a separator.
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
