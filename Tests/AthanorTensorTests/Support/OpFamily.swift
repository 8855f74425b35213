import AthanorCore
import Testing

/// An operation: the cases that it is always tested on, and how others like them are drawn.
struct OpFamily: Sendable, CustomTestStringConvertible {
  var name: String
  /// The functions and operators of `Tensor` that the cases call.
  var covers: [String]
  var fixed: [OpCase]
  var draw: @Sendable (inout Generator) -> OpCase

  init(
    _ name: String, covers: [String]? = nil, fixed: [OpCase],
    draw: @escaping @Sendable (inout Generator) -> OpCase
  ) {
    self.name = name
    self.covers = covers ?? [name]
    self.fixed = fixed
    self.draw = draw
  }

  static let all = elementwise + selections + reductions + layouts + products + layers

  var testDescription: String { name }
}

/// Shapes as they come: axes of one element often, of none now and then.
extension Generator {
  mutating func size(upTo largest: Int = 6) -> Int {
    let kind = uniform()
    return kind < 0.04 ? 0 : kind < 0.25 ? 1 : integer(in: 1..<(largest + 1))
  }

  /// Now and then one with enough elements that several threads share them.
  mutating func shape(rank: ClosedRange<Int> = 0...4) -> [Int] {
    if rank.contains(2), chance(0.01) {
      let sizes = [integer(in: 5_000..<20_000), integer(in: 1..<4)]
      return chance(0.5) ? sizes : sizes.reversed()
    }
    return (0..<integer(in: rank.lowerBound..<(rank.upperBound + 1))).map { _ in size() }
  }

  /// A shape that stretches to `shape` or to one that it stretches to.
  mutating func stretching(to shape: [Int]) -> [Int] {
    let missing = chance(0.4) ? integer(in: 0..<(shape.count + 1)) : 0
    return shape.dropFirst(missing).map { chance(0.3) ? 1 : $0 }
  }

  mutating func element<T>(of choices: [T]) -> T { choices[integer(in: 0..<choices.count)] }
}
