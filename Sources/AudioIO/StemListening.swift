/// Hears the samples of a stem as they are written, block after block.
package protocol StemListening: AnyObject {
    /// Takes the next samples, `[channel][sample]`, full scale ±1.
    func add(_ block: [[Float]])
    /// Takes the first `count` samples of each channel, `[channel][sample]`, times a factor.
    func add(_ block: [[Double]], count: Int, factor: Double)
}
