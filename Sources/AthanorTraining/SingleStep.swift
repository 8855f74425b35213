import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTensor

/// One forward and backward pass without an update, for holding the network against another
/// framework's.
///
/// Batch norm runs in training mode and leaves its running statistics alone; the gradient is that of
/// Σ wᵢLᵢ, with no clipping and no weight decay.
public struct SingleStep {
  /// Every parameter's gradient under its name, zeros where no loss reaches it.
  public var gradients: [(name: String, tensor: Tensor)]
  /// `out.segmentation` and `out.p{3,4,5}.{cls,ctr,box}`, raw.
  public var outputs: [(name: String, tensor: Tensor)]
  /// Each loss by name, and `total`; a task without a label has loss 0.
  public var losses: [(name: String, value: Double)]

  /// Throws `SettingsError` where the weighting cannot serve the tasks.
  public init(
    _ network: MultiTaskNetwork, _ objective: Objective, weighting: any Weighting, batch: Batch
  ) throws {
    let tasks = objective.tasks
    try weighting.begin(tasks)
    guard case .losses(let method) = weighting.rule else {
      throw SettingsError(
        key: "weighting", expected: "a method that weighs losses, for one step",
        received: "one that merges gradients")
    }
    let pass = ForwardPass(
      network, ParameterParts(network), objective, batch, epoch: 0, mode: .batchStatistics)
    let losses = pass.losses
    let values = losses.tasks.map { $0?.scalar }
    let weights = method.weights(values)
    gradients = zip(network.parameters, pass.gradient(weights: weights)).map {
      ($0.name, $1 ?? $0.parameter.value.zerosLike())
    }
    let output = pass.output
    outputs = output.segmentation.map { [("out.segmentation", $0)] } ?? []
    for (i, level) in (output.detection ?? []).enumerated() {
      outputs.append(("out.p\(i + 3).cls", level.classification))
      outputs.append(("out.p\(i + 3).ctr", level.centerness))
      outputs.append(("out.p\(i + 3).box", level.regression))
    }
    self.losses = zip(tasks, values).map { ($0.name, $1 ?? 0) }
    let terms = losses.terms.map { ($0.name, $0.value.scalar) }
    self.losses += terms.filter { term in !tasks.contains { $0.name == term.0 } }
    if objective.splitsDetection {
      self.losses.append(("detection", terms.reduce(0) { $0 + $1.1 }))
    }
    let total = zip(values, weights).reduce(0) { $0 + ($1.0 ?? 0) * ($1.1 ?? 0) }
    self.losses.append(("total", total))
  }
}

extension Batch {
  /// A batch from a safetensors file: `image` `[N,H,W,3]` f32, `mask` `[N,H,W]` u8, `boxes` `[M,5]`
  /// f32 (image index, x1, y1, x2, y2), `classes` `[M]` i32 and, if not all are labelled,
  /// `has_boxes` `[N]` u8. An all-255 mask is no mask.
  ///
  /// Throws `ArrayFileError` where an array is missing or of another type or shape.
  public init(contentsOf path: String) throws {
    let (tensors, _) = try TensorFile.read(path)
    func array(_ name: String, _ dtype: DType, _ shape: [Int?]) throws -> Tensor {
      let expected = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
      guard let tensor = tensors[name] else {
        throw ArrayFileError(
          file: path, part: "'\(name)'", expected: "\(dtype) of shape [\(expected)]",
          received: "a file without it")
      }
      let fits =
        tensor.dtype == dtype && tensor.shape.count == shape.count
        && zip(tensor.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
      guard fits else {
        throw ArrayFileError(
          file: path, part: "'\(name)'", expected: "\(dtype) of shape [\(expected)]",
          received: "\(tensor.dtype) of shape \(tensor.shape)")
      }
      return tensor
    }
    let image = try array("image", .float32, [nil, nil, nil, 3])
    let (count, height, width) = (image.shape[0], image.shape[1], image.shape[2])
    guard count > 0, height > 0, width > 0, height % 32 == 0, width % 32 == 0 else {
      throw ArrayFileError(
        file: path, part: "'image'", expected: "height and width multiples of 32",
        received: "shape \(image.shape)")
    }
    let mask = try array("mask", .uint8, [count, height, width])
    let boxes = try array("boxes", .float32, [nil, 5])
    let classes = try array("classes", .int32, [boxes.shape[0]])
    let flags =
      tensors["has_boxes"] == nil
      ? [UInt8](repeating: 1, count: count)
      : try array("has_boxes", .uint8, [count]).array(of: UInt8.self)
    let owners = stride(from: 0, to: boxes.count, by: 5).map { boxes.pointer(to: Float.self)[$0] }
    if let stray = owners.first(where: { !(0..<Float(count)).contains($0) }) {
      throw ArrayFileError(
        file: path, part: "'boxes'", expected: "image indices 0 to \(count - 1)",
        received: "\(stray)")
    }
    let pixels = mask.pointer(to: UInt8.self)
    let size = height * width
    let hasMask = (0..<count).map { n in
      UnsafeBufferPointer(start: pixels + n * size, count: size).contains { $0 != 255 }
    }
    let geometry = Geometry(
      originalWidth: width, originalHeight: height, contentWidth: width, contentHeight: height)
    self.init(
      image: image, mask: mask, hasMask: hasMask, boxes: boxes, classes: classes,
      hasBoxes: flags.map { $0 != 0 }, names: (0..<count).map { "image \($0)" },
      geometry: [Geometry](repeating: geometry, count: count))
  }
}
