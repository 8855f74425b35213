import AthanorCore
import AthanorExperiment
import AthanorLosses
import AthanorTensor

/// The implementation of `athanor loss`: computes a loss and its gradient for arrays in files. The
/// shapes of the arrays decide between losses of the same name:
///
///     masks      logits [N,H,W,C], class indices [N,H,W], 255 (−1 where signed) to ignore
///     boxes      [M,4] and [M,4] as x1, y1, x2, y2; the mean over boxes
///     depth      [N,H,W] and [N,H,W], valid where finite and above 0
///     normals    [N,H,W,3] and [N,H,W,3], valid where not 0
///     images     logits [N,C], class indices [N], −1 where there is none
public struct LossEvaluation {
  /// The loss, and dL/dprediction in the prediction's type.
  public struct Result {
    public var loss: Double
    public var gradient: NumericArray
  }

  /// Losses that take the same arrays.
  private enum Family: CaseIterable {
    case masks, boxes, depth, normals, images

    var names: [String] {
      switch self {
      case .masks: segmentationLosses.names
      case .boxes: boxLosses.names
      case .depth: depthLosses.names
      case .normals: normalsLosses.names
      case .images: imageLosses.names
      }
    }

    /// Whether a prediction of this shape belongs to the family.
    func takes(_ shape: [Int]) -> Bool {
      switch self {
      case .masks, .normals: shape.count == 4
      case .depth: shape.count == 3
      case .boxes, .images: shape.count == 2
      }
    }
  }

  private let selection: Selection
  private let families: [Family]

  /// Errors: `SettingsError` for an unknown name or option.
  public init(_ name: String, overrides: [Override]) throws {
    var tree = Settings.selection(name: name, options: [])
    for override in overrides { tree = try override.applied(to: tree) }
    guard case .selection(let name, let options) = tree else {
      throw SettingsError(key: "--set", expected: "options of \(name)", received: "another value")
    }
    selection = Selection(name, options)
    families = Family.allCases.filter { $0.names.contains(name) }
    guard let first = families.first else {
      var names: [String] = []
      for name in Family.allCases.flatMap(\.names) where !names.contains(name) {
        names.append(name)
      }
      throw SettingsError(
        key: "loss", expected: "a loss (\(names.joined(separator: ", ")))", received: "'\(name)'",
        suggestion: nearestName(to: name, among: names))
    }
    if families.count == 1 { try checkOptions(of: first) }
  }

  private func checkOptions(of family: Family) throws {
    let name = selection.name
    switch family {
    case .masks: _ = try segmentationLosses.make(selection, at: name)
    case .boxes: _ = try boxLosses.make(selection, at: name)
    case .depth: _ = try depthLosses.make(selection, at: name)
    case .normals: _ = try normalsLosses.make(selection, at: name)
    case .images: _ = try imageLosses.make(selection, at: name)
    }
  }

  /// Errors: `FileError`; `SettingsError` that names the array and what was expected and received.
  public func callAsFunction(prediction: String, target: String) throws -> Result {
    let values = try floats(prediction, "--prediction")
    let variable = values.variable()
    let loss =
      switch families.first(where: { $0.takes(values.shape) }) ?? families[0] {
      case .masks: try segmentationLoss(variable, target: target)
      case .boxes: try boxLoss(variable, target: target)
      case .depth: try denseLoss(variable, target, channels: nil, depthLosses) { $0($1, $2) }
      case .normals: try denseLoss(variable, target, channels: 3, normalsLosses) { $0($1, $2) }
      case .images: try imageLoss(variable, target: target)
      }
    let gradient = gradients(of: loss, for: [variable])[0] ?? values.zerosLike()
    return Result(
      loss: loss.scalar,
      gradient: values.dtype == .float32
        ? NumericArray(gradient.array(of: Float.self), shape: values.shape)
        : NumericArray(gradient.array(of: Double.self), shape: values.shape))
  }

  private func denseLoss<Loss>(
    _ prediction: Tensor, _ target: String, channels: Int?, _ registry: Registry<Loss>,
    _ evaluate: (Loss, Tensor, Tensor) -> Tensor
  ) throws -> Tensor {
    let form = channels.map { "[N,H,W,\($0)]" } ?? "[N,H,W]"
    try require(
      prediction.rank == (channels == nil ? 3 : 4)
        && (channels == nil || prediction.shape[3] == channels), "--prediction",
      "an array of shape \(form)", "shape \(prediction.shape)")
    let truth = try floats(target, "--target")
    try require(
      truth.shape == prediction.shape, "--target", "shape \(prediction.shape)",
      "shape \(truth.shape)")
    return evaluate(try registry.make(selection, at: selection.name), prediction, truth)
  }

  private func imageLoss(_ prediction: Tensor, target: String) throws -> Tensor {
    let array = try NumPyFile.read(target)
    let classes = prediction.shape[1]
    try require(
      array.shape == [prediction.shape[0]], "--target", "shape [\(prediction.shape[0])]",
      "shape \(array.shape)")
    guard let labels = array.integers else {
      throw SettingsError(
        key: "--target", expected: "class indices of an integer type", received: "\(array.type)")
    }
    if let wrong = labels.first(where: { !(-1..<classes).contains($0) }) {
      throw SettingsError(
        key: "--target", expected: "classes below \(classes), or -1", received: "\(wrong)")
    }
    let loss = try imageLosses.make(selection, at: selection.name)
    return loss(prediction, Tensor(labels.map { Int32($0) }, shape: array.shape))
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
    // Masks are stored as bytes, whatever type the file has.
    let known = min(classes, 255)
    if let wrong = labels.first(where: { !(0..<known).contains($0) && $0 != 255 && $0 != -1 }) {
      throw SettingsError(
        key: "--target", expected: "classes below \(known), or 255 to ignore",
        received: "\(wrong)")
    }
    let loss = try segmentationLosses.make(selection, at: selection.name)
    if let mismatch = loss.incompatibility(classes: classes) {
      throw SettingsError(
        key: selection.name, expected: "options for \(classes) classes", received: mismatch)
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
