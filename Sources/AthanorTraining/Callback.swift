/// Follows a run's progress, as Keras's `Callback`. Every method has an empty default.
public protocol Callback: AnyObject {
  /// Before the first update. `epochs` and `stepsPerEpoch` size a progress bar; `firstStep` is not
  /// 0 when a run is resumed.
  func onTrainBegin(epochs: Int, stepsPerEpoch: Int, firstStep: Int) throws
  func onStepEnd(_ record: StepRecord) throws
  func onValidationBegin(epoch: Int, count: Int) throws
  func onValidationStep(_ done: Int) throws
  /// After validation and before the checkpoint of the epoch is written.
  func onEpochEnd(_ record: EpochRecord, evaluation: Evaluation?) throws
  func onCheckpoint(_ state: TrainingState, best: Bool) throws
  func onTrainEnd(_ history: History) throws
}

extension Callback {
  public func onTrainBegin(epochs: Int, stepsPerEpoch: Int, firstStep: Int) throws {}
  public func onStepEnd(_ record: StepRecord) throws {}
  public func onValidationBegin(epoch: Int, count: Int) throws {}
  public func onValidationStep(_ done: Int) throws {}
  public func onEpochEnd(_ record: EpochRecord, evaluation: Evaluation?) throws {}
  public func onCheckpoint(_ state: TrainingState, best: Bool) throws {}
  public func onTrainEnd(_ history: History) throws {}
}
