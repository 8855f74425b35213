import AthanorCore
import AthanorKernels
import AthanorTensor

extension OpFamily {
  static let layers: [OpFamily] = [
    convolving, grouping, pooling, resampling, batchNormalizing, groupNormalizing,
    layerNormalizing, adding, averaging, dropping,
  ]

  private static func convolution(
    _ x: [Int], _ outputs: Int, kernel: (Int, Int), stride: Int, padding: Int,
    dilation: Int = 1, groups: Int = 1, bias: Bool = false, relu: Bool = false
  ) -> OpCase {
    let w = [outputs, x[3] / groups, kernel.0, kernel.1]
    return OpCase(
      "conv2d, stride \(stride), padding \(padding), dilation \(dilation), "
        + "\(groups) groups\(relu ? ", relu" : "")",
      [Input(x), Input(w)] + (bias ? [Input([outputs])] : []),
      shape: [
        x[0], (x[1] + 2 * padding - dilation * (kernel.0 - 1) - 1) / stride + 1,
        (x[2] + 2 * padding - dilation * (kernel.1 - 1) - 1) / stride + 1, outputs,
      ],
      apply: {
        $0[0].conv2d(
          $0[1], bias: bias ? $0[2] : nil, stride: stride, padding: padding, dilation: dilation,
          groups: groups, relu: relu)
      },
      reference: {
        PlainReference.convolution(
          $0[0], x, $0[1], w, bias: bias ? $0[2] : nil, stride: stride, padding: padding,
          dilation: dilation, groups: groups, relu: relu)
      })
  }

  private static let convolutions: [OpCase] = {
    var cases: [OpCase] = []
    let channels = [(3, 5), (8, 16), (17, 33)]
    for (i, (inputs, outputs)) in channels.enumerated() {
      for size in [(1, 1), (5, 7), (13, 9)] {
        for kernel in [1, 3, 7] {
          for stride in [1, 2] {
            for padding in [0, 1, 3] {
              guard size.0 + 2 * padding >= kernel, size.1 + 2 * padding >= kernel else { continue }
              if kernel == 7 && inputs > 8 { continue }
              cases.append(
                convolution(
                  [1 + i % 2, size.0, size.1, inputs], outputs,
                  kernel: (kernel, kernel), stride: stride, padding: padding,
                  bias: (i + kernel + stride) % 2 == 0, relu: padding == 1))
            }
          }
        }
      }
    }
    cases.append(
      convolution([0, 5, 6, 4], 4, kernel: (3, 3), stride: 1, padding: 1, bias: true, relu: true))
    cases.append(convolution([1, 6, 5, 3], 4, kernel: (3, 1), stride: 2, padding: 1, bias: true))
    return cases
  }()

  private static let convolving = OpFamily("conv2d", fixed: convolutions) {
    let side = $0.integer(in: 1..<5)
    let kernel = (side, $0.chance(0.5) ? side : $0.integer(in: 1..<5))
    let padding = $0.integer(in: 0..<4)
    // As large as the kernel asks for, or larger.
    let least = (max(1, kernel.0 - 2 * padding), max(1, kernel.1 - 2 * padding))
    let x = [
      $0.integer(in: 0..<3), least.0 + $0.integer(in: 0..<8), least.1 + $0.integer(in: 0..<8),
      $0.integer(in: 1..<20),
    ]
    return convolution(
      x, $0.integer(in: 1..<20), kernel: kernel,
      stride: $0.integer(in: 1..<4), padding: padding, bias: $0.chance(0.5), relu: $0.chance(0.3))
  }

  private static let groupedConvolutions: [OpCase] = {
    var cases: [OpCase] = []
    // Inputs, outputs, groups: depthwise, a depthwise multiple, ResNeXt's four and eight channels,
    // more and fewer outputs than inputs, few and odd.
    let channels = [
      (3, 3, 3), (33, 33, 33), (16, 32, 16), (16, 16, 4), (32, 32, 4), (6, 15, 3), (34, 17, 17),
      (6, 4, 1),
    ]
    for (i, (inputs, outputs, groups)) in channels.enumerated() {
      for (kernel, dilation) in [(1, 1), (3, 1), (3, 2), (5, 1), (7, 1), (2, 3)] {
        for (size, stride, padding) in [((1, 1), 1, 0), ((5, 7), 1, 1), ((9, 6), 2, 3)] {
          // The one pixel is padded so that the kernel just fits.
          let span = dilation * (kernel - 1) + 1
          let padding = max(padding, (span + 1 - min(size.0, size.1)) / 2)
          cases.append(
            convolution(
              [1 + i % 2, size.0, size.1, inputs], outputs, kernel: (kernel, kernel),
              stride: stride, padding: padding, dilation: dilation, groups: groups,
              bias: (i + kernel + stride) % 2 == 0, relu: padding == 1))
        }
      }
    }
    cases.append(
      convolution(
        [0, 5, 6, 4], 4, kernel: (5, 5), stride: 1, padding: 2, groups: 4, bias: true, relu: true))
    cases.append(
      convolution(
        [2, 9, 8, 4], 4, kernel: (5, 3), stride: 2, padding: 2, dilation: 2, groups: 4, bias: true))
    // Fewer samples than parts that images are shared out to, and more.
    cases.append(
      convolution([18, 3, 4, 5], 5, kernel: (5, 5), stride: 1, padding: 2, groups: 5, bias: true))
    return cases
  }()

  private static let grouping = OpFamily(
    "conv2d in groups", covers: ["conv2d"], fixed: groupedConvolutions
  ) {
    let side = $0.integer(in: 1..<6)
    let kernel = (side, $0.chance(0.5) ? side : $0.integer(in: 1..<6))
    let (dilation, padding) = ($0.integer(in: 1..<4), $0.integer(in: 0..<5))
    let least = (
      max(1, dilation * (kernel.0 - 1) + 1 - 2 * padding),
      max(1, dilation * (kernel.1 - 1) + 1 - 2 * padding)
    )
    let groups = $0.integer(in: 1..<20)
    let isDepthwise = $0.chance(0.5)
    let x = [
      $0.integer(in: 0..<3), least.0 + $0.integer(in: 0..<8), least.1 + $0.integer(in: 0..<8),
      groups * (isDepthwise ? 1 : $0.integer(in: 1..<6)),
    ]
    return convolution(
      x, groups * (isDepthwise ? 1 : $0.integer(in: 1..<6)), kernel: kernel,
      stride: $0.integer(in: 1..<4), padding: padding, dilation: dilation, groups: groups,
      bias: $0.chance(0.5), relu: $0.chance(0.3))
  }

  private static func pool(_ x: [Int], kernel: Int, stride: Int, padding: Int, step: Double = 0)
    -> OpCase
  {
    OpCase(
      "maxPool2d \(kernel)/\(stride), padding \(padding)", [Input(x, step: step)],
      shape: [
        x[0], (x[1] + 2 * padding - kernel) / stride + 1,
        (x[2] + 2 * padding - kernel) / stride + 1, x[3],
      ],
      apply: { $0[0].maxPool2d(kernel: kernel, stride: stride, padding: padding) },
      reference: {
        PlainReference.maxPool($0[0], x, kernel: kernel, stride: stride, padding: padding)
      })
  }

  private static let pooling = OpFamily(
    "maxPool2d",
    fixed: [
      ([1, 1, 1, 1], 3, 2, 1), ([2, 7, 5, 3], 3, 2, 1), ([1, 8, 8, 16], 3, 2, 1),
      ([1, 9, 6, 4], 2, 2, 0), ([1, 5, 5, 17], 3, 1, 1), ([2, 13, 11, 16], 3, 2, 1),
      ([0, 5, 6, 4], 3, 2, 1), ([1, 5, 6, 0], 3, 2, 1),
    ].map { pool($0, kernel: $1, stride: $2, padding: $3) }
  ) {
    let kernel = $0.integer(in: 1..<5)
    let padding = $0.integer(in: 0..<kernel)
    let least = max(1, kernel - 2 * padding)
    let x = [
      $0.integer(in: 0..<3), least + $0.integer(in: 0..<8), least + $0.integer(in: 0..<8),
      $0.size(upTo: 20),
    ]
    return pool(
      x, kernel: kernel, stride: $0.integer(in: 1..<4), padding: padding,
      step: $0.chance(0.3) ? 0.25 : 0)
  }

  private static func resampled(
    _ x: [Int], _ height: Int, _ width: Int, _ kind: Resampling.Kind
  ) -> OpCase {
    OpCase(
      "resampled, \(kind), to \(height)×\(width)", [Input(x)], shape: [x[0], height, width, x[3]],
      apply: { $0[0].resampled(height: height, width: width, kind) },
      reference: {
        kind == .nearest
          ? PlainReference.nearest($0[0], x, height, width)
          : PlainReference.bilinear($0[0], x, height, width)
      })
  }

  private static let resampling = OpFamily(
    "resampled",
    fixed: [
      ([1, 1, 1, 1], 3, 4), ([2, 4, 3, 5], 8, 6), ([1, 4, 4, 3], 7, 9), ([1, 7, 9, 2], 4, 4),
      ([1, 8, 8, 16], 4, 4), ([1, 5, 1, 3], 2, 6), ([1, 6, 5, 3], 6, 5), ([1, 3, 5, 4], 12, 20),
      ([0, 5, 6, 4], 8, 8), ([1, 5, 6, 0], 2, 8),
    ].flatMap { (x: [Int], height: Int, width: Int) in
      [resampled(x, height, width, .nearest), resampled(x, height, width, .bilinear)]
    }
  ) {
    let x = [
      $0.integer(in: 0..<3), $0.integer(in: 1..<10), $0.integer(in: 1..<10), $0.size(upTo: 20),
    ]
    return resampled(
      x, $0.integer(in: 1..<14), $0.integer(in: 1..<14), $0.chance(0.5) ? .nearest : .bilinear)
  }

  /// Of few elements the normalised values are near ±1 and what is left of the gradient is
  /// cancellation.
  private static func tolerance(setOf count: Int) -> Double { count > 8 ? 1e-4 : 5e-3 }

  private static func batchNorm(_ x: [Int], relu: Bool, mode: Tensor.BatchNormMode) -> OpCase {
    let (isFrozen, suffix): (Bool, String) =
      if case .evaluation = mode { (true, "evaluation") } else { (false, "batch statistics") }
    return OpCase(
      "batchNorm, \(suffix)\(relu ? ", relu" : "")",
      [Input(x, in: -1...3), Input([x[3]], in: 0.5...2), Input([x[3]])], shape: x,
      tolerance: isFrozen ? 2e-5 : tolerance(setOf: x[0] * x[1] * x[2]),
      apply: {
        let running = RunningStatistics(channels: x[3], $0[0].dtype)
        if isFrozen {
          running.mean = Tensor(repeating: 0.25, shape: [x[3]], $0[0].dtype)
          running.variance = Tensor(repeating: 2, shape: [x[3]], $0[0].dtype)
        }
        return $0[0].batchNorm(
          scale: $0[1], shift: $0[2], running: running, mode: mode, relu: relu)
      },
      reference: { v in
        guard isFrozen else {
          return PlainReference.normalization(
            v[0], channels: x[3], scale: v[1], shift: v[2], epsilon: 1e-5, relu: relu
          ) { $0 % x[3] }
        }
        return v[0].enumerated().map { i, value in
          let y = v[1][i % x[3]] * (value - 0.25) / 2.00001.squareRoot() + v[2][i % x[3]]
          return relu ? max(0, y) : y
        }
      })
  }

  private static let modes: [Tensor.BatchNormMode] = [
    .training(momentum: 0.1), .batchStatistics, .evaluation,
  ]

  private static let batchNormalizing = OpFamily(
    "batchNorm",
    fixed: [
      [2, 3, 4, 5], [1, 1, 2, 3], [4, 5, 7, 16], [1, 31, 17, 9], [0, 5, 6, 4], [1, 1, 1, 2],
    ]
    .flatMap { x in
      [true, false].flatMap { relu in modes.map { batchNorm(x, relu: relu, mode: $0) } }
    }
  ) {
    let x = [
      $0.integer(in: 0..<4), $0.size(upTo: 9), $0.size(upTo: 9), $0.integer(in: 1..<20),
    ]
    return batchNorm(x, relu: $0.chance(0.5), mode: $0.element(of: modes))
  }

  private static func groupNorm(_ x: [Int], _ groups: Int, relu: Bool) -> OpCase {
    OpCase(
      "groupNorm, \(groups) groups\(relu ? ", relu" : "")",
      [Input(x, in: -1...3), Input([x[3]], in: 0.5...2), Input([x[3]])], shape: x,
      tolerance: tolerance(setOf: x[1] * x[2] * x[3] / groups),
      apply: { $0[0].groupNorm(groups: groups, scale: $0[1], shift: $0[2], relu: relu) },
      reference: {
        PlainReference.normalization(
          $0[0], channels: x[3], scale: $0[1], shift: $0[2], epsilon: 1e-5, relu: relu
        ) { i in
          i / (x[1] * x[2] * x[3]) * groups + i % x[3] / (x[3] / groups)
        }
      })
  }

  private static let groupNormalizing = OpFamily(
    "groupNorm",
    fixed: [
      ([2, 3, 4, 6], 1), ([2, 3, 4, 6], 3), ([2, 3, 4, 6], 6), ([1, 1, 1, 4], 2),
      ([3, 9, 7, 32], 8), ([1, 33, 17, 16], 4), ([0, 5, 6, 4], 2), ([1, 1, 1, 2], 2),
    ].flatMap { x, groups in [true, false].map { groupNorm(x, groups, relu: $0) } }
  ) {
    let groups = $0.integer(in: 1..<5)
    let x = [
      $0.integer(in: 0..<3), $0.size(upTo: 9), $0.size(upTo: 9), groups * $0.integer(in: 1..<6),
    ]
    return groupNorm(x, groups, relu: $0.chance(0.5))
  }

  private static func layerNorm(_ shape: [Int], epsilon: Double) -> OpCase {
    let channels = shape.last!
    return OpCase(
      "layerNorm, epsilon \(epsilon)",
      [Input(shape, in: -1...3), Input([channels], in: 0.5...2), Input([channels])], shape: shape,
      tolerance: tolerance(setOf: channels),
      apply: { $0[0].layerNorm(scale: $0[1], shift: $0[2], epsilon: epsilon) },
      reference: {
        PlainReference.normalization(
          $0[0], channels: channels, scale: $0[1], shift: $0[2], epsilon: epsilon, relu: false
        ) { $0 / channels }
      })
  }

  private static let layerNormalizing = OpFamily(
    "layerNorm",
    fixed: [
      [2, 3, 4, 6], [1, 1, 1, 16], [3, 5, 7, 33], [5, 96], [19], [300, 17], [0, 5, 6, 4], [2, 0],
    ].flatMap { shape in [1e-5, 1e-2].map { layerNorm(shape, epsilon: $0) } }
      + [layerNorm([1, 2, 2, 1], epsilon: 1e-2)]
  ) {
    // Of one or two elements the values are all alike, whatever the input: nothing to compare.
    let shape = $0.shape(rank: 0...3) + [$0.integer(in: 3..<40)]
    return layerNorm(shape, epsilon: $0.element(of: [1e-5, 1e-3]))
  }

  private static func meanPooled(_ x: [Int]) -> OpCase {
    OpCase(
      "meanPooled", [Input(x)], shape: [x[0], 1, 1, x[3]], apply: { $0[0].meanPooled() },
      reference: {
        PlainReference.reduced($0[0], x, [1, 2]) { $0.reduce(0, +) / Double($0.count) }
      })
  }

  private static let averaging = OpFamily(
    "meanPooled",
    fixed: [[2, 3, 5, 4], [1, 1, 1, 1], [3, 9, 7, 33], [0, 5, 6, 4], [2, 5, 6, 0]].map(meanPooled)
  ) {
    meanPooled([
      $0.integer(in: 0..<4), $0.integer(in: 1..<9), $0.integer(in: 1..<9), $0.size(upTo: 20),
    ])
  }

  private static func droppedRows(_ shape: [Int], _ keep: [Bool], rate: Double) -> OpCase {
    let row = shape.dropFirst().reduce(1, *)
    return OpCase(
      "droppedRows(rate: \(rate))", [Input(shape)], shape: shape,
      apply: { $0[0].droppedRows(keep: keep, rate: rate) },
      reference: { v in
        v[0].indices.map { keep[$0 / row] ? v[0][$0] / (1 - rate) : 0 }
      })
  }

  private static let dropping = OpFamily(
    "droppedRows",
    fixed: [
      droppedRows([3, 2, 5, 4], [true, false, true], rate: 0.25),
      droppedRows([2, 3], [false, false], rate: 0.5), droppedRows([1], [true], rate: 0),
      droppedRows([0, 2, 2, 3], [], rate: 0.1), droppedRows([2, 0], [true, true], rate: 0.1),
    ]
  ) {
    let shape = $0.shape(rank: 1...4)
    var keep: [Bool] = []
    for _ in 0..<shape[0] { keep.append($0.chance(0.6)) }
    return droppedRows(shape, keep, rate: $0.uniform(0, 0.9))
  }

  private static func addRelu(_ shape: [Int]) -> OpCase {
    OpCase(
      "addRelu", [Input(shape), Input(shape)], shape: shape, apply: { $0[0].addRelu($0[1]) },
      reference: { v in v[0].indices.map { max(0, v[0][$0] + v[1][$0]) } })
  }

  private static let adding = OpFamily(
    "addRelu", fixed: [[2, 3, 4, 5], [1], [], [0, 4]].map(addRelu)
  ) { addRelu($0.shape()) }
}
