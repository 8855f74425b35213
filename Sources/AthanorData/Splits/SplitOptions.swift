import AthanorCore

/// How a data set without splits is divided.
public struct SplitOptions: Codable, Equatable, Sendable, DefaultInitializable {
  /// Shares of val and test where the data set has no splits of its own, and the seed of the
  /// shuffle.
  public var val = 0.2
  public var test = 0.0
  public var seed = 0
  /// A regular expression: samples for whose names it matches the same text stay in one split, as
  /// the frames of a video must. Empty: each sample stands alone. A group in parentheses selects
  /// the text: `(seq\d+)_`.
  public var group = ""

  public init() {}

  /// Errors: throws `SettingsError` for a share outside `0...1` and an invalid pattern.
  func checked() throws -> SplitFractions {
    for (key, share) in [("val", val), ("test", test)] {
      guard (0...1).contains(share) else {
        throw SettingsError(key: key, expected: "a share in 0…1", received: "\(share)")
      }
    }
    guard val + test <= 1 else {
      throw SettingsError(
        key: "val", expected: "shares of val and test of 1 in all at the most",
        received: "\(val) and \(test)")
    }
    _ = try pattern()
    return SplitFractions(val: val, test: test, seed: seed)
  }

  private func pattern() throws -> Regex<AnyRegexOutput>? {
    guard !group.isEmpty else { return nil }
    do {
      return try Regex(group)
    } catch {
      throw SettingsError(key: "group", expected: "a regular expression", received: "'\(group)'")
    }
  }

  /// The split of each of the named samples: seeded shares, groups kept together.
  ///
  /// Groups are counted by their samples: in shuffled order they fill test, then val, until the
  /// share is reached; the others are train.
  func divide(_ names: [String]) throws -> [Split] {
    let shares = try checked()
    var result = [Split](repeating: .train, count: names.count)
    guard let pattern = try pattern() else {
      for split in Split.allCases {
        for index in shares.indices(of: split, count: names.count) { result[index] = split }
      }
      return result
    }
    var groups: [(key: String, members: [Int])] = []
    var groupIndices: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      let match = try pattern.firstMatch(in: name)
      let key = match.map { found -> String in
        let text = found.output.count > 1 ? found.output[1].substring : found.output[0].substring
        return String(text ?? "")
      }
      // A name that does not match is a group of its own.
      let unique = key.map { "=\($0)" } ?? "≠\(index)"
      if let group = groupIndices[unique] {
        groups[group].members.append(index)
      } else {
        groupIndices[unique] = groups.count
        groups.append((unique, [index]))
      }
    }
    if let first = names.first, !groupIndices.keys.contains(where: { $0.hasPrefix("=") }) {
      throw SettingsError(
        key: "group", expected: "a pattern that names of samples match, as '\(first)'",
        received: "'\(group)', which none of \(names.count) does")
    }
    var generator = Generator(seed, 0x96a0)
    var wanted: [(Split, Double)] = [
      (.test, test * Double(names.count)), (.val, val * Double(names.count)),
    ]
    for group in generator.permutation(groups.count) {
      guard let open = wanted.firstIndex(where: { $0.1 > 0.5 }) else { break }
      for index in groups[group].members { result[index] = wanted[open].0 }
      wanted[open].1 -= Double(groups[group].members.count)
    }
    guard groups.count == 1 || result.contains(.train) || val + test >= 1 else {
      throw SettingsError(
        key: "group", expected: "groups small enough to leave some to train",
        received: "\(groups.count) groups of \(names.count) samples")
    }
    return result
  }
}
