import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTensor
import AthanorVision

/// What a network says of one image, in that image's own pixels.
public struct Prediction: Sendable {
  /// Class indices of the image's size; nil where the network does not segment.
  public var mask: Image?
  /// Best first; nil where the network does not detect.
  public var boxes: [ScoredBox]?
}

/// Runs a network on images of any size.
public struct Predictor: Sendable {
  public let network: MultiTaskNetwork
  public let format: InputFormat
  public var decoder: DetectionDecoder

  public init(_ network: MultiTaskNetwork, _ format: InputFormat, threshold: Float) {
    self.network = network
    self.format = format
    decoder = DetectionDecoder(threshold: threshold)
  }

  /// One prediction a sample of the batch.
  ///
  /// Errors: throws `OutputError` where an output is NaN or infinite: its classes would be made up.
  public func callAsFunction(_ batch: Batch) throws -> [Prediction] {
    let output = Tape.paused { network(batch.image, .evaluation) }
    try OutputError.check("segmentation", output.segmentation.map { [$0] } ?? [])
    try OutputError.check(
      "detection",
      (output.detection ?? []).flatMap { [$0.classification, $0.regression, $0.centerness] })
    let masks = output.segmentation.map { $0.argmax() }
    let boxes = output.detection.map { levels in
      decoder(levels, sizes: batch.geometry.map { ($0.contentWidth, $0.contentHeight) })
    }
    return batch.geometry.enumerated().map { i, geometry in
      Prediction(
        mask: masks.map { geometry.toOriginal($0.image(i)) },
        boxes: boxes.map { $0[i].map { geometry.toOriginal($0) } })
    }
  }

  /// What the network says of images as they come from disk.
  public func callAsFunction(_ images: [Image]) throws -> [Prediction] {
    try self(Batch(images.map { Sample(name: "", image: $0) }, format))
  }
}

/// A network whose weights are numbers and whose output is not: it overflows.
public struct OutputError: Error, Equatable, CustomStringConvertible {
  public var head: String
  public var received: String

  public var description: String {
    "network: expected finite outputs of \(head), received \(received): its weights are too large"
  }

  static func check(_ head: String, _ outputs: [Tensor]) throws {
    for output in outputs {
      guard let misfit = StateRange.finite.misfit(output) else { continue }
      throw OutputError(head: head, received: misfit.received)
    }
  }
}

extension Geometry {
  fileprivate func toOriginal(_ found: ScoredBox) -> ScoredBox {
    ScoredBox(box: toOriginal(found.box), score: found.score)
  }
}

extension Tensor {
  /// Image `i` of class indices `[N,H,W]`.
  fileprivate func image(_ i: Int) -> Image {
    let (height, width) = (shape[1], shape[2])
    let first = pointer(to: UInt8.self) + i * height * width
    return Image(
      width: width, height: height, channels: 1,
      pixels: Array(UnsafeBufferPointer(start: first, count: height * width)))
  }
}
