/// A factor that is one number for all classes or a list with one for each.
public enum PerClass: Codable, Equatable, Sendable {
  case uniform(Double)
  case each([Double])

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .uniform(number)
    } else {
      self = .each(try container.decode([Double].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .uniform(let number): try container.encode(number)
    case .each(let numbers): try container.encode(numbers)
    }
  }

  public subscript(index: Int) -> Double {
    switch self {
    case .uniform(let number): number
    case .each(let numbers): numbers[index]
    }
  }

  /// Whether there is a number for each of `classes`.
  func fits(classes: Int) -> Bool {
    if case .each(let numbers) = self { numbers.count == classes } else { true }
  }

  var numbers: [Double] {
    switch self {
    case .uniform(let number): [number]
    case .each(let numbers): numbers
    }
  }
}
