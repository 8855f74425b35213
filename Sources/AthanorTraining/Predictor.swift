import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorVision

/// The predictions for one image, in that image's own pixels: a label for each task, by the
/// task's name.
public typealias Prediction = [String: Label]

/// Runs a network on images of any size.
public struct Predictor: Sendable {
  public let network: MultiTaskNetwork
  public let tasks: [RunTask]
  public let format: InputFormat
  /// Predictions with a lower score are left out: .05 for measuring average precision, .2 for
  /// people to look at.
  public var minimumScore: Float

  public init(
    _ network: MultiTaskNetwork, _ tasks: [RunTask], _ format: InputFormat, minimumScore: Float
  ) {
    self.network = network
    self.tasks = tasks
    self.format = format
    self.minimumScore = minimumScore
  }

  /// One prediction per sample of the batch.
  ///
  /// Errors: throws `OutputError` where an output is NaN or infinite: its classes would be
  /// arbitrary.
  public func callAsFunction(_ batch: Batch) throws -> [Prediction] {
    let outputs = Tape.paused { network(batch.image, .evaluation) }
    var predictions = batch.names.map { _ in Prediction() }
    for (task, output) in zip(tasks, outputs) {
      let labels = try task.predictions(output, batch.geometry, minimumScore: minimumScore)
      for (i, label) in labels.enumerated() { predictions[i][task.name] = label }
    }
    return predictions
  }

  /// Predictions for images of any size, as read from disk.
  public func callAsFunction(_ images: [Image]) throws -> [Prediction] {
    try self(Batch(images.map { Sample(name: "", image: $0) }, format, labels: [:]))
  }
}
