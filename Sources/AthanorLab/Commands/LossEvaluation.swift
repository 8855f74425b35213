import AthanorCore
import AthanorLosses
import AthanorTensor

/// What `athanor loss` does: a loss and its gradient of arrays in files.
///
/// Segmentation: logits `[N,H,W,C]` with a mask `[N,H,W]` of class indices, 255 (−1 where signed) being
/// ignored. Boxes: `[M,4]` with `[M,4]`, x1, y1, x2, y2; the mean over boxes.
public struct LossEvaluation {
  /// The loss, and dL/dprediction in the prediction's type.
  public struct Result {
    public var loss: Double
    public var gradient: NumericArray
  }

  private let selection: Selection

  /// Errors: `SettingsError` for an unknown name or option.
  public init(_ name: String, overrides: [Override]) throws {
    var tree = Settings.selection(name: name, options: [])
    for override in overrides { tree = try override.applied(to: tree) }
    guard case .selection(let name, let options) = tree else {
      throw SettingsError(key: "--set", expected: "options of \(name)", received: "another value")
    }
    selection = Selection(name, options)
    if boxLosses.names.contains(name) {
      _ = try boxLosses.make(selection, at: name)
    } else if segmentationLosses.names.contains(name) {
      _ = try segmentationLosses.make(selection, at: name)
    } else {
      let names = segmentationLosses.names + boxLosses.names
      throw SettingsError(
        key: "loss", expected: "a loss (\(names.joined(separator: ", ")))", received: "'\(name)'",
        suggestion: nearestName(to: name, among: names))
    }
  }

  /// Errors: `FileError`; `SettingsError` that names the array, what was expected and received.
  public func callAsFunction(prediction: String, target: String) throws -> Result {
    let values = try floats(prediction, "--prediction")
    let variable = values.variable()
    let loss =
      boxLosses.names.contains(selection.name)
      ? try boxLoss(variable, target: target) : try segmentationLoss(variable, target: target)
    let gradient = gradients(of: loss, for: [variable])[0] ?? values.zerosLike()
    return Result(
      loss: loss.scalar,
      gradient: values.dtype == .float32
        ? NumericArray(gradient.array(of: Float.self), shape: values.shape)
        : NumericArray(gradient.array(of: Double.self), shape: values.shape))
  }

  private func boxLoss(_ prediction: Tensor, target: String) throws -> Tensor {
    let truth = try floats(target, "--target")
    try require(
      prediction.rank == 2 && prediction.shape[1] == 4, "--prediction",
      "boxes of shape [M,4]", "shape \(prediction.shape)")
    try require(
      truth.shape == prediction.shape, "--target", "shape \(prediction.shape)",
      "shape \(truth.shape)")
    let loss = try boxLosses.make(selection, at: selection.name)
    guard prediction.shape[0] > 0 else { return Tensor(0, prediction.dtype) }
    return loss(prediction, truth.cast(to: prediction.dtype)).mean()
  }

  private func segmentationLoss(_ prediction: Tensor, target: String) throws -> Tensor {
    try require(
      prediction.rank == 4 && prediction.shape[3] > 0, "--prediction",
      "logits of shape [N,H,W,C]", "shape \(prediction.shape)")
    let (classes, array) = (max(2, prediction.shape[3]), try NumPyFile.read(target))
    let shape = Array(prediction.shape.dropLast())
    try require(
      array.shape == shape, "--target", "shape \(shape) for logits of shape \(prediction.shape)",
      "shape \(array.shape)")
    guard let labels = array.integers else {
      throw SettingsError(
        key: "--target", expected: "class indices of an integer type", received: "\(array.type)")
    }
    // Masks are bytes, whatever type the file has.
    let known = min(classes, 255)
    if let wrong = labels.first(where: { !(0..<known).contains($0) && $0 != 255 && $0 != -1 }) {
      throw SettingsError(
        key: "--target", expected: "classes below \(known), or 255 to ignore",
        received: "\(wrong)")
    }
    let loss = try segmentationLosses.make(selection, at: selection.name)
    if let misfit = loss.misfit(classes: classes) {
      throw SettingsError(
        key: selection.name, expected: "options for \(classes) classes", received: misfit)
    }
    let mask = labels.map { $0 == -1 ? 255 : UInt8($0) }
    return loss(prediction, Tensor(mask, shape: shape))
  }

  private func floats(_ path: String, _ key: String) throws -> Tensor {
    let array = try NumPyFile.read(path)
    if let values = array.elements(as: Float.self) { return Tensor(values, shape: array.shape) }
    if let values = array.elements(as: Double.self) { return Tensor(values, shape: array.shape) }
    throw SettingsError(
      file: path, key: key, expected: "an array of float32 or float64", received: "\(array.type)")
  }

  private func require(
    _ holds: Bool, _ key: String, _ expected: String, _ received: String
  ) throws {
    guard holds else { throw SettingsError(key: key, expected: expected, received: received) }
  }
}

extension NumericArray {
  /// The elements of an array of any integer type.
  fileprivate var integers: [Int]? {
    elements(as: UInt8.self)?.map { Int($0) } ?? elements(as: Int8.self)?.map { Int($0) }
      ?? elements(as: Int32.self)?.map { Int($0) } ?? elements(as: Int64.self)?.map { Int($0) }
  }
}
