import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTensor

extension Batch {
  /// A batch from a safetensors file: `image` `[N,H,W,3]` f32, `mask` `[N,H,W]` u8, `boxes` `[M,5]`
  /// f32 (image index, x1, y1, x2, y2), `classes` `[M]` i32 and, if not all are labelled,
  /// `has_boxes` `[N]` u8. An all-255 mask is no mask.
  ///
  /// Throws `ArrayFileError` where an array is missing or of another type or shape, and where a label
  /// is none of the network's classes.
  public init(contentsOf path: String, for network: MultiTaskNetwork) throws {
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
        file: path, part: "'image'", expected: "images of height and width multiples of 32",
        received: "shape \(image.shape)")
    }
    let mask = try array("mask", .uint8, [count, height, width])
    let boxes = try array("boxes", .float32, [nil, 5])
    let classes = try array("classes", .int32, [boxes.shape[0]])
    let flags =
      tensors["has_boxes"] == nil
      ? [UInt8](repeating: 1, count: count)
      : try array("has_boxes", .uint8, [count]).array(of: UInt8.self)
    try check(boxes, images: count, path)
    if let classes = network.segmentationClasses {
      // One channel tells two classes apart.
      let known = 0..<max(2, classes)
      if let stray = mask.array(of: UInt8.self).first(where: {
        $0 != 255 && !known.contains(Int($0))
      }) {
        throw ArrayFileError(
          file: path, part: "'mask'",
          expected: "class indices 0 to \(known.upperBound - 1), or 255",
          received: "\(stray)")
      }
    }
    if let known = network.detectionClasses {
      let labels = classes.array(of: Int32.self)
      if let m = labels.firstIndex(where: { !(0..<known).contains(Int($0)) }) {
        throw ArrayFileError(
          file: path, part: "'classes'", expected: "class indices 0 to \(known - 1)",
          received: "\(labels[m]) for box \(m)")
      }
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

/// Each box belongs to an image and has a place.
private func check(_ boxes: Tensor, images: Int, _ path: String) throws {
  let values = boxes.array(of: Float.self)
  for m in 0..<boxes.shape[0] {
    let box = values[(5 * m)..<(5 * m + 5)]
    guard let n = Int(exactly: box.first!), (0..<images).contains(n) else {
      throw ArrayFileError(
        file: path, part: "'boxes'", expected: "image indices 0 to \(images - 1)",
        received: "\(box.first!) for box \(m)")
    }
    guard box.allSatisfy(\.isFinite) else {
      throw ArrayFileError(
        file: path, part: "'boxes'", expected: "finite corners",
        received: "\(Array(box.dropFirst())) for box \(m)")
    }
  }
}
