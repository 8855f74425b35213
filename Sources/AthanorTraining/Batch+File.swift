import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorVision

extension Batch {
  /// A batch from a safetensors file, with the labels of some tasks.
  ///
  ///     image            [N,H,W,3] f32, H and W multiples of 32
  ///     mask             [N,H,W] u8, the label `mask`; one that is 255 everywhere counts as none
  ///     boxes, classes   [M,5] f32 (image index, x1, y1, x2, y2) and [M] i32, the label `boxes`;
  ///                      has_boxes [N] u8 where not all images are labelled
  ///     label.NAME       the label of any other task: u8 [N,H,W] classes, f32 [N,H,W] depth,
  ///                      f32 [N,H,W,C] normals or a map, i32 [N] the images' classes
  ///
  /// Throws `ContentError` where an array is missing or of another type or shape, and where a
  /// label is none of the task's classes.
  public init(contentsOf path: String, for tasks: [RunTask]) throws {
    let file = BatchFile(path: path, tensors: try TensorFile.read(path).tensors)
    let image = try file.array("image", .float32, [nil, nil, nil, 3])
    let (count, height, width) = (image.shape[0], image.shape[1], image.shape[2])
    guard count > 0, height > 0, width > 0, height % 32 == 0, width % 32 == 0 else {
      throw ContentError(
        path: path, key: "'image'", expected: "images of height and width multiples of 32",
        received: "shape \(image.shape)")
    }
    var labels: [String: BatchLabel] = [:]
    for task in tasks where labels[task.label] == nil {
      labels[task.label] = try file.label(of: task, [count, height, width])
    }
    let geometry = Geometry(
      originalWidth: width, originalHeight: height, contentWidth: width, contentHeight: height)
    self.init(
      image: image, labels: labels, names: (0..<count).map { "image \($0)" },
      geometry: [Geometry](repeating: geometry, count: count))
  }
}

private struct BatchFile {
  let path: String
  let tensors: [String: Tensor]

  func array(_ name: String, _ dtype: DType, _ shape: [Int?]) throws -> Tensor {
    let expected = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
    guard let tensor = tensors[name] else {
      throw error(name, "\(dtype) of shape [\(expected)]", "a file without it")
    }
    let fits =
      tensor.dtype == dtype && tensor.shape.count == shape.count
      && zip(tensor.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
    guard fits else {
      throw error(
        name, "\(dtype) of shape [\(expected)]", "\(tensor.dtype) of shape \(tensor.shape)")
    }
    return tensor
  }

  private func error(_ name: String, _ expected: String, _ received: String) -> ContentError {
    ContentError(path: path, key: "'\(name)'", expected: expected, received: received)
  }

  /// - Parameter size: N, H and W.
  func label(of task: RunTask, _ size: [Int]) throws -> BatchLabel {
    // These labels have names of their own in the file format.
    let isUsual = task.label == task.labelKind.usualName
    let name = "label.\(task.name)"
    switch task.labelKind {
    case .mask: return try mask(isUsual ? "mask" : name, size, classes: task.classes.names.count)
    case .boxes:
      return try boxes(isUsual ? "" : "\(name).", size, classes: task.classes.names.count)
    case .depth:
      let values = try array(name, .float32, size)
      return BatchLabel(.depth, values, isLabelled: isLabelled(values, .depth, size[0]))
    case .normals, .map:
      let values = try array(name, .float32, size + [task.labelKind == .normals ? 3 : nil])
      return BatchLabel(
        task.labelKind, values, isLabelled: isLabelled(values, task.labelKind, size[0]))
    case .category:
      let values = try array(name, .int32, [size[0]])
      let (labels, known) = (values.array(of: Int32.self), -1..<Int32(task.classes.names.count))
      if let stray = labels.first(where: { !known.contains($0) }) {
        throw error(name, "classes 0 to \(known.upperBound - 1), or -1", "\(stray)")
      }
      return BatchLabel(.category, values, isLabelled: labels.map { $0 >= 0 })
    }
  }

  private func isLabelled(_ values: Tensor, _ kind: Label.Kind, _ count: Int) -> [Bool] {
    let (all, size) = (values.array(of: Float.self), values.count / count)
    return (0..<count).map { n in
      all[(n * size)..<((n + 1) * size)].contains(where: kind.isKnown)
    }
  }

  private func mask(_ name: String, _ size: [Int], classes: Int) throws -> BatchLabel {
    let mask = try array(name, .uint8, size)
    let pixels = mask.array(of: UInt8.self)
    // One channel stands for two classes.
    let known = 0..<max(2, classes)
    if let stray = pixels.first(where: { $0 != 255 && !known.contains(Int($0)) }) {
      throw error(name, "class indices 0 to \(known.upperBound - 1), or 255", "\(stray)")
    }
    let area = size[1] * size[2]
    return BatchLabel(
      .mask, mask,
      isLabelled: (0..<size[0]).map { n in
        pixels[(n * area)..<((n + 1) * area)].contains { $0 != 255 }
      })
  }

  /// - Parameter prefix: Precedes the names of the arrays.
  private func boxes(_ prefix: String, _ size: [Int], classes known: Int) throws -> BatchLabel {
    let boxes = try array("\(prefix)boxes", .float32, [nil, 5])
    let classes = try array("\(prefix)classes", .int32, [boxes.shape[0]])
    let flags =
      tensors["\(prefix)has_boxes"] == nil
      ? [UInt8](repeating: 1, count: size[0])
      : try array("\(prefix)has_boxes", .uint8, [size[0]]).array(of: UInt8.self)
    let values = boxes.array(of: Float.self)
    for m in 0..<boxes.shape[0] {
      let box = values[(5 * m)..<(5 * m + 5)]
      guard let n = Int(exactly: box.first!), (0..<size[0]).contains(n) else {
        throw error(
          "\(prefix)boxes", "image indices 0 to \(size[0] - 1)", "\(box.first!) for box \(m)")
      }
      guard box.allSatisfy(\.isFinite) else {
        throw error(
          "\(prefix)boxes", "finite corners", "\(Array(box.dropFirst())) for box \(m)")
      }
    }
    let labels = classes.array(of: Int32.self)
    if let m = labels.firstIndex(where: { !(0..<known).contains(Int($0)) }) {
      throw error(
        "\(prefix)classes", "class indices 0 to \(known - 1)", "\(labels[m]) for box \(m)")
    }
    return BatchLabel(.boxes, boxes, classes: classes, isLabelled: flags.map { $0 != 0 })
  }
}
