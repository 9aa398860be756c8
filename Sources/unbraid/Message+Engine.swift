import Inference

extension Message {
    /// One line about a net that cannot be read.
    static func text(of error: OnnxError) -> String {
        let fault =
            switch error.code {
            case .unreadableFile: "the file cannot be read"
            case .truncated: "the file is cut short"
            case .malformed: "is no ONNX file"
            case .tooDeep: "is nested too deep"
            case .missingGraph: "holds no graph"
            case .unsupportedOperatorSet: "is of an operator set that this program does not know"
            case .externalData:
                "keeps weights in another file (export it in one: external_data=False)"
            case .inconsistentTensor: "has a tensor whose size and data disagree"
            case .unsupportedElementType: "has a tensor of a type that this program does not know"
            }
        let subject = error.subject.isEmpty ? "" : " (\(error.subject))"
        let detail = error.detail.isEmpty ? "" : ": \(error.detail)"
        let place = error.offset > 0 ? ", at byte \(error.offset)" : ""
        return fault + subject + detail + place
    }

    /// One line about a net that can be read and not run.
    static func text(of error: GraphError) -> String {
        let fault =
            switch error.code {
            case .unknownOperator: "this program does not know the operator"
            case .unsupported: "this program does not know this form of the operator"
            case .shapeMismatch: "shapes do not fit together"
            case .typeMismatch: "types do not fit the operator"
            case .invalidAttribute: "an attribute has an impossible value"
            case .missing: "an input or attribute is missing"
            case .notConstant: "a value has to be known beforehand, and is not"
            case .undefinedValue: "a value is read that nothing writes"
            case .duplicateName: "two values have one name"
            case .cycle: "nodes read each other in a circle"
            case .openDimension: "a dimension of an input is open"
            case .wrongInput: "there is no such input or output"
            case .tooLarge: "it needs more memory than is allowed"
            case .noMatrixLibrary: "OpenBLAS cannot be loaded"
            }
        var place = ""
        if !error.opType.isEmpty { place = "\(error.opType) node \"\(error.node)\": " }
        let value = error.value.isEmpty ? "" : " (\(error.value))"
        let detail = error.detail.isEmpty ? "" : ": \(error.detail)"
        return place + fault + value + detail
    }
}
