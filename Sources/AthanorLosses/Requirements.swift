import AthanorCore

/// Checks of options, with the error a user can act on.
func require(
  _ holds: Bool, _ key: String, _ expected: String, _ received: Any
) throws {
  guard holds else {
    throw SettingsError(key: key, expected: expected, received: "\(received)")
  }
}

func requireWeights(_ weights: [Double]?, _ key: String) throws {
  try require(
    weights?.allSatisfy { $0 >= 0 && $0.isFinite } ?? true, key, "numbers from 0", weights ?? [])
}
