import AthanorCore
import AthanorTensor
import AthanorVision

/// Samples as a network takes them.
public struct Batch: Sendable {
  /// `[N,H,W,3]` f32, normalised.
  public var image: Tensor
  /// `[N,H,W]` u8 class indices, 255 to ignore; all 255 where a sample carries no mask.
  public var mask: Tensor
  /// Whether each sample carries a mask with a pixel that counts.
  public var hasMask: [Bool]
  /// `[M,5]` f32: the sample's index in the batch, then x1, y1, x2, y2 in input pixels.
  public var boxes: Tensor
  /// `[M]` i32 labels, from 0 without background.
  public var classes: Tensor
  /// Whether each sample carries boxes; a sample that does may still have none.
  public var hasBoxes: [Bool]
  public var names: [String]
  /// The way back to each original.
  public var geometry: [Geometry]

  public init(
    image: Tensor, mask: Tensor, hasMask: [Bool], boxes: Tensor, classes: Tensor, hasBoxes: [Bool],
    names: [String], geometry: [Geometry]
  ) {
    self.image = image
    self.mask = mask
    self.hasMask = hasMask
    self.boxes = boxes
    self.classes = classes
    self.hasBoxes = hasBoxes
    self.names = names
    self.geometry = geometry
  }

  public var count: Int { names.count }

  /// Brings samples to one size and joins them: images bilinear, masks nearest.
  ///
  /// `originals` are the sizes that `geometry` leads back to, by default the samples' own.
  public init(_ samples: [Sample], _ format: InputFormat, originals: [(Int, Int)]? = nil) {
    let (height, width) = (format.height, format.width)
    image = Tensor(uninitialized: [samples.count, height, width, 3])
    mask = Tensor(uninitialized: [samples.count, height, width], .uint8)
    (hasMask, hasBoxes, names, geometry) = ([], [], [], [])
    var (corners, labels) = ([Float](), [Int32]())
    for (n, sample) in samples.enumerated() {
      let place = format.geometry(width: sample.image.width, height: sample.image.height)
      let size = (place.contentWidth, place.contentHeight)
      sample.image.resized(width: size.0, height: size.1, .linear).normalized(
        format.normalization, into: image.slot(n, of: Float.self), width: width, height: height)
      let slot = mask.slot(n, of: UInt8.self)
      if let mask = sample.mask {
        mask.resized(width: size.0, height: size.1, .nearest)
          .padded(into: slot, width: width, height: height, value: 255)
        hasMask.append(slot.contains { $0 != 255 })
      } else {
        slot.initialize(repeating: 255)
        hasMask.append(false)
      }
      for box in sample.boxes ?? [] {
        let inner = place.toInput(box)
        corners += [Float(n), inner.x1, inner.y1, inner.x2, inner.y2]
        labels.append(Int32(box.label))
      }
      hasBoxes.append(sample.boxes != nil)
      names.append(sample.name)
      var back = place
      if let originals { (back.originalWidth, back.originalHeight) = originals[n] }
      geometry.append(back)
    }
    boxes = Tensor(corners, shape: [labels.count, 5])
    classes = Tensor(labels, shape: [labels.count])
  }
}

extension InputFormat {
  fileprivate var normalization: Normalization { Normalization(mean: mean, std: deviation) }
}

extension Tensor {
  /// The elements of sample `n`.
  fileprivate func slot<T: TensorScalar>(_ n: Int, of type: T.Type) -> UnsafeMutableBufferPointer<T>
  {
    let size = shape.dropFirst().reduce(1, *)
    return UnsafeMutableBufferPointer(start: pointer(to: T.self) + n * size, count: size)
  }
}
