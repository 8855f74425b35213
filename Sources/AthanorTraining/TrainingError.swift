/// A run that cannot continue.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A loss is NaN or infinite.
  case nonFinite(loss: String, value: Double, epoch: Int, step: Int)
  /// The training set has no batch.
  case noSamples
  /// No sample of the training set has a label for any task of the run.
  case noLabels(tasks: [String])

  public var description: String {
    switch self {
    case .nonFinite(let loss, let value, let epoch, let step):
      "training stopped: loss '\(loss)' is \(value.isNaN ? "NaN" : "\(value)") at epoch \(epoch), "
        + "step \(step); the last checkpoint is from before it. Try a lower learning rate, more "
        + "warm-up or clip_norm"
    case .noSamples: "training set: expected at least one full batch of samples, received none"
    case .noLabels(let tasks):
      "training set: expected labels for \(tasks.joined(separator: " or ")), received none"
    }
  }
}
