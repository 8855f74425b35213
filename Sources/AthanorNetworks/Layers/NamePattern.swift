import AthanorCore
import AthanorTensor
import Foundation

extension Module {
  /// The parameters whose names a pattern matches, where `*` matches any text: `backbone.*`,
  /// `*.bn1.*`.
  ///
  /// Errors: throws `SettingsError`, naming `key`, where it matches none.
  public func parameters(
    matching pattern: String, at key: String
  ) throws -> [(name: String, parameter: Parameter)] {
    let all = parameters()
    let found = all.filter { fnmatch(pattern, $0.name, 0) == 0 }
    guard found.isEmpty else { return found }
    throw SettingsError(
      key: key, expected: "a pattern of parameters, such as backbone.* or \(all[0].name)",
      received: "'\(pattern)', which matches none",
      suggestion: nearestName(to: pattern, among: all.map(\.name)))
  }

  /// Freezes the parameters that these patterns match.
  ///
  /// Errors: throws `SettingsError`, naming `key`, where one matches none.
  public func freeze(_ patterns: [String], at key: String) throws {
    for (i, pattern) in patterns.enumerated() {
      for (_, parameter) in try parameters(matching: pattern, at: "\(key)[\(i)]") {
        parameter.isFrozen = true
      }
    }
  }
}
