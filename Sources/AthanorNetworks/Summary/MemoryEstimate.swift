import AthanorCore

/// The least memory that a network takes, from its options alone: known before any of it is made.
///
/// It stays below what was measured, so that what fits is not said not to.
public struct MemoryEstimate: Sendable {
  /// Trained values.
  public private(set) var parameters = 0
  /// Values of one image that a backward pass needs: what every layer gives.
  public private(set) var activations = 0
  /// Values of one image that are there at once when nothing is kept for a backward pass.
  public private(set) var working = 0

  private struct Map {
    var h, w, c: Int
    var count: Int { h * w * c }
  }

  /// Throws `SettingsError` for options that no network can have.
  ///
  /// - Parameters:
  ///   - height, width: of the input, multiples of 32.
  public init(
    _ options: NetworkOptions, height: Int, width: Int, segmentationClasses: Int?,
    detectionClasses: Int?
  ) throws {
    let architecture = try options.validated()
    let input = Map(h: height, w: width, c: 3)
    let expansion = architecture.block.expansion
    var map = norm(conv(input, options.width, kernel: 7, stride: 2))
    working = input.count + 2 * map.count
    map = Map(h: map.h / 2, w: map.w / 2, c: map.c)
    activations += map.count
    var features: [Map] = []
    for (stage, depth) in architecture.depths.enumerated() {
      let channels = options.width << stage
      for i in 0..<depth {
        let (start, stride) = (map, stage > 0 && i == 0 ? 2 : 1)
        switch architecture.block {
        case .basic:
          map = norm(conv(map, channels, kernel: 3, stride: stride))
          map = norm(conv(map, channels, kernel: 3))
        case .bottleneck:
          map = norm(conv(map, channels, kernel: 1))
          map = norm(conv(map, channels, kernel: 3, stride: stride))
          map = norm(conv(map, channels * expansion, kernel: 1))
        }
        if stride != 1 || start.c != map.c {
          _ = norm(conv(start, map.c, kernel: 1, stride: stride))
        }
        activations += map.count
      }
      features.append(map)
    }
    let pyramid = features.map { feature in
      conv(
        conv(feature, options.fpnChannels, kernel: 1, bias: true), options.fpnChannels,
        kernel: 3, bias: true)
    }
    var outputs = pyramid.reduce(0) { $0 + $1.count }
    if let classes = segmentationClasses {
      for level in pyramid { _ = norm(conv(level, SegmentationHead.channels, kernel: 3)) }
      let sum = Map(h: height / 4, w: width / 4, c: SegmentationHead.channels)
      let logits = conv(sum, classes, kernel: 1, bias: true)
      activations += 16 * logits.count
      outputs += 17 * logits.count
    }
    if let classes = detectionClasses { detection(pyramid, classes) }
    working = max(working, outputs)
    activations += input.count
  }

  /// What the backward pass and copies in other layouts add to the activations, and scratchpads and
  /// blocks that wait to be used again to what an image needs at once. For ResNets of 10 to 50
  /// layers and widths of 8 to 64 the least that was measured was 1.45, in training with inputs of
  /// 128 to 640 pixels, and 2.8, in predicting with inputs of 1024 and 2048.
  private static let (activationFactor, workingFactor) = (1.4, 2.7)

  /// Bytes that training in single precision takes: weights, their gradients and the optimizer's
  /// values, and what the layers give for a batch.
  public func trainingBytes(batch: Int, optimizerValues: Int) -> Int {
    Self.bytes(
      (2 + optimizerValues) * parameters, Double(batch) * Double(activations),
      Self.activationFactor)
  }

  /// Bytes that evaluating a batch takes.
  public func evaluationBytes(batch: Int) -> Int {
    Self.bytes(parameters, Double(batch) * Double(working), Self.workingFactor)
  }

  private static func bytes(_ kept: Int, _ values: Double, _ factor: Double) -> Int {
    Int(min(4 * (Double(kept) + factor * values), 0x1p61))
  }

  private mutating func conv(
    _ input: Map, _ channels: Int, kernel: Int, stride: Int = 1, bias: Bool = false
  ) -> Map {
    let output = Map(h: input.h / stride, w: input.w / stride, c: channels)
    parameters += kernel * kernel * input.c * channels + (bias ? channels : 0)
    activations += output.count
    return output
  }

  private mutating func norm(_ map: Map) -> Map {
    parameters += 2 * map.c
    activations += map.count
    return map
  }

  /// The parameters are shared by the levels.
  private mutating func detection(_ pyramid: [Map], _ classes: Int) {
    for (i, level) in pyramid.dropFirst().enumerated() {
      let before = parameters
      for outputs in [[classes], [4, 1]] {
        var map = level
        for _ in 0..<DetectionHead.depth { map = norm(conv(map, map.c, kernel: 3, bias: true)) }
        for output in outputs { _ = conv(map, output, kernel: 3, bias: true) }
      }
      if i > 0 { parameters = before }
      parameters += 1
    }
  }
}
