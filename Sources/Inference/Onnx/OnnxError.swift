/// Why bytes could not be read as an ONNX model or tensor.
package struct OnnxError: Error, Equatable, Sendable {
    /// What is wrong with the bytes.
    package enum Code: String, Sendable {
        /// The file could not be opened or read.
        case unreadableFile
        /// A field ends after the bytes do.
        case truncated
        /// The bytes are not a message of the protocol buffers wire format.
        case malformed
        /// Messages are nested deeper than any real model nests them.
        case tooDeep
        /// The model has no graph.
        case missingGraph
        /// The model imports no operator set that we know.
        case unsupportedOperatorSet
        /// A tensor's data lie in another file.
        case externalData
        /// A tensor's dimensions and data do not fit together.
        case inconsistentTensor
        /// A tensor is of an element type that the engine has no numbers for.
        case unsupportedElementType
    }

    /// The kind of error.
    package let code: Code
    /// The byte at which it was noticed, counted from the file's start; 0 where there is none.
    package let offset: Int
    /// The file, tensor or field it is about; empty where there is none.
    package let subject: String
    /// A short technical fact, such as the number that does not fit.
    package let detail: String

    init(_ code: Code, offset: Int = 0, subject: String = "", detail: String = "") {
        self.code = code
        self.offset = offset
        self.subject = subject
        self.detail = detail
    }
}
