import Foundation

enum Sine {
    static func of(turns: Double) -> Double { sin(2 * Double.pi * turns) }
}
