/// A Keras-like table of a network: layers, output shapes, parameters and arithmetic.
public struct NetworkSummary: Sendable {
  public struct Row: Sendable {
    public let name: String
    public let type: String
    public let output: SymbolicShape
    public let parameters: Int
    /// Operations for one image, a multiply–add counted as two; nil while H or W is not known.
    public let flops: Int?
  }

  public private(set) var rows: [Row] = []

  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }

  /// Operations of one forward pass for one image.
  public var flops: Int? {
    rows.reduce(0) { sum, row in sum.flatMap { sum in row.flops.map { sum + $0 } } }
  }

  /// Infers every shape of `network` from the input's. Throws `ShapeError` where one is impossible.
  public init(_ network: MultiTaskNetwork, input: SymbolicShape) throws {
    guard input.c == 3,
      [input.h, input.w].allSatisfy({ $0.map { $0 > 0 && $0 % 32 == 0 } ?? true })
    else {
      throw ShapeError(
        layer: "input", expected: "3 channels, height and width multiples of 32",
        received: input)
    }
    var shape = conv(network.backbone.conv1, input, "backbone.conv1")
    norm(shape, "backbone.bn1", "BatchNorm2d")
    shape = shape.windowed(kernel: 3, stride: 2, padding: 1, channels: shape.c)
    add("backbone.maxpool", "MaxPool2d", shape, 0, shape.pixels.map { 9 * $0 * shape.c })
    var features: [SymbolicShape] = []
    for (stage, blocks) in network.backbone.stages.enumerated() {
      for (i, block) in blocks.enumerated() {
        shape = residual(block, shape, "backbone.layer\(stage + 1).\(i)")
      }
      features.append(shape)
    }
    let inner = zip(network.pyramid.inner, features).enumerated().map { i, pair in
      conv(pair.0, pair.1, "fpn.inner_blocks.\(i).0")
    }
    let pyramid = zip(network.pyramid.layer, inner).enumerated().map { i, pair in
      conv(pair.0, pair.1, "fpn.layer_blocks.\(i).0")
    }
    if let head = network.segmentation { segmentation(head, pyramid, input) }
    if let head = network.detection { detection(head, pyramid) }
  }

  private mutating func add(
    _ name: String, _ type: String, _ output: SymbolicShape, _ parameters: Int, _ flops: Int?
  ) {
    rows.append(
      Row(name: name, type: type, output: output, parameters: parameters, flops: flops))
  }

  private mutating func conv(
    _ layer: Conv2d, _ input: SymbolicShape, _ name: String
  ) -> SymbolicShape {
    let weights = layer.weight.value
    let output = input.windowed(
      kernel: weights.shape[2], stride: layer.stride, padding: layer.padding,
      channels: weights.shape[0])
    add(
      name, "Conv2d \(weights.shape[2])×\(weights.shape[3])/\(layer.stride)", output,
      weights.count + (layer.bias?.value.count ?? 0),
      output.pixels.map { 2 * $0 * weights.count })
    return output
  }

  private mutating func norm(_ shape: SymbolicShape, _ name: String, _ type: String) {
    add(name, type, shape, 2 * shape.c, shape.pixels.map { 2 * $0 * shape.c })
  }

  private mutating func residual(
    _ block: ResidualBlock, _ input: SymbolicShape, _ name: String
  ) -> SymbolicShape {
    var shape = input
    for (i, layer) in block.convolutions.enumerated() {
      shape = conv(layer, shape, "\(name).conv\(i + 1)")
      norm(shape, "\(name).bn\(i + 1)", "BatchNorm2d")
    }
    if let downsample = block.downsample {
      let shortcut = conv(downsample.conv, input, "\(name).downsample.0")
      norm(shortcut, "\(name).downsample.1", "BatchNorm2d")
    }
    return shape
  }

  private mutating func segmentation(
    _ head: SegmentationHead, _ pyramid: [SymbolicShape], _ input: SymbolicShape
  ) {
    for (i, (level, feature)) in zip(head.levels, pyramid).enumerated() {
      let shape = conv(level.conv, feature, "segmentation.levels.\(i).0")
      norm(shape, "segmentation.levels.\(i).1", "GroupNorm")
    }
    var shape = pyramid[0]
    shape.c = SegmentationHead.channels
    var output = conv(head.predictor, shape, "segmentation.predictor")
    (output.h, output.w) = (input.h, input.w)
    add("segmentation.upsample", "Bilinear ×4", output, 0, output.pixels.map { 8 * $0 * output.c })
  }

  /// The head's parameters are shared by the levels: they count once, its arithmetic at each.
  private mutating func detection(_ head: DetectionHead, _ pyramid: [SymbolicShape]) {
    for (i, feature) in pyramid.dropFirst().enumerated() {
      let before = rows.count
      for (tower, name) in [
        (head.classificationTower, "classification_head"),
        (head.regressionTower, "regression_head"),
      ] {
        var shape = feature
        for (k, step) in tower.enumerated() {
          shape = conv(step.conv, shape, "detection.\(name).conv.\(3 * k)")
          norm(shape, "detection.\(name).conv.\(3 * k + 1)", "GroupNorm")
        }
      }
      _ = conv(head.classLogits, feature, "detection.classification_head.cls_logits")
      _ = conv(head.boxRegression, feature, "detection.regression_head.bbox_reg")
      _ = conv(head.boxCenterness, feature, "detection.regression_head.bbox_ctrness")
      for row in before..<rows.count {
        let old = rows[row]
        rows[row] = Row(
          name: "\(old.name) (P\(i + 3))", type: old.type, output: old.output,
          parameters: i == 0 ? old.parameters : 0, flops: old.flops)
      }
      add("detection.regression_head.scales.\(i)", "Scale", feature, 1, 0)
    }
  }
}
