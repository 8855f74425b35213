import AthanorCore

/// How a network is run.
public enum ForwardMode: Sendable {
  /// Batch norm by the batch's own statistics, the running ones following; layers that drop things
  /// do, by random numbers that are addressed by these: a seed, an update, a micro-batch.
  case training(randomness: [Int])
  /// Batch norm by the batch's own statistics, the running ones left alone; nothing is dropped.
  case batchStatistics
  /// Batch norm by the running statistics; nothing is dropped.
  case evaluation

  /// Random numbers for a layer, by a number of its own; nil where nothing is dropped.
  func generator(layer: Int) -> Generator? {
    guard case .training(let randomness) = self else { return nil }
    return Generator(randomness + [0xD80, layer])
  }
}
