import AthanorCore

/// How a network is run.
public enum ForwardMode: Sendable {
  /// Batch norm uses the batch's statistics and updates the running ones. Layers such as stochastic
  /// depth are active; seed, update and micro-batch determine their random numbers.
  case training(randomness: [Int])
  /// Batch norm uses the batch's statistics, the running ones are unchanged; nothing is dropped.
  case batchStatistics
  /// Batch norm uses the running statistics; nothing is dropped.
  case evaluation

  /// The random numbers of a layer, determined by its index; nil where nothing is dropped.
  func generator(layer: Int) -> Generator? {
    guard case .training(let randomness) = self else { return nil }
    return Generator(randomness + [0xD80, layer])
  }
}
