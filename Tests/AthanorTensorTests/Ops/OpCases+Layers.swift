import AthanorTensor

extension OpCase {
  static let layers: [OpCase] =
    convolutions + pools + resamplings + batchNorms + groupNorms + residuals

  private static func convolution(
    _ x: [Int], _ outputs: Int, kernel: Int, stride: Int, padding: Int, bias: Bool = false,
    relu: Bool = false
  ) -> OpCase {
    let w = [outputs, x[3], kernel, kernel]
    return OpCase(
      "conv2d \(kernel)×\(kernel), stride \(stride), padding \(padding)\(relu ? ", relu" : "")",
      [Input(x), Input(w)] + (bias ? [Input([outputs])] : []),
      apply: {
        $0[0].conv2d(
          $0[1], bias: bias ? $0[2] : nil, stride: stride, padding: padding, relu: relu)
      },
      reference: {
        PlainReference.convolution(
          $0[0], x, $0[1], w, bias: bias ? $0[2] : nil, stride: stride, padding: padding,
          relu: relu)
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
                  [1 + i % 2, size.0, size.1, inputs], outputs, kernel: kernel, stride: stride,
                  padding: padding, bias: (i + kernel + stride) % 2 == 0, relu: padding == 1))
            }
          }
        }
      }
    }
    return cases
  }()

  private static let pools: [OpCase] = [
    ([1, 1, 1, 1], 3, 2, 1), ([2, 7, 5, 3], 3, 2, 1), ([1, 8, 8, 16], 3, 2, 1),
    ([1, 9, 6, 4], 2, 2, 0), ([1, 5, 5, 17], 3, 1, 1), ([2, 13, 11, 16], 3, 2, 1),
  ].map { x, kernel, stride, padding in
    OpCase(
      "maxPool2d \(kernel)/\(stride), padding \(padding)", [Input(x)],
      apply: { $0[0].maxPool2d(kernel: kernel, stride: stride, padding: padding) },
      reference: {
        PlainReference.maxPool($0[0], x, kernel: kernel, stride: stride, padding: padding)
      })
  }

  private static let resamplings: [OpCase] = [
    ([1, 1, 1, 1], 3, 4), ([2, 4, 3, 5], 8, 6), ([1, 4, 4, 3], 7, 9), ([1, 7, 9, 2], 4, 4),
    ([1, 8, 8, 16], 4, 4), ([1, 5, 1, 3], 2, 6), ([1, 6, 5, 3], 6, 5), ([1, 3, 5, 4], 12, 20),
  ].flatMap { (x: [Int], height: Int, width: Int) in
    [
      OpCase(
        "resampled, nearest, to \(height)×\(width)", [Input(x)],
        apply: { $0[0].resampled(height: height, width: width, .nearest) },
        reference: { PlainReference.nearest($0[0], x, height, width) }),
      OpCase(
        "resampled, bilinear, to \(height)×\(width)", [Input(x)],
        apply: { $0[0].resampled(height: height, width: width, .bilinear) },
        reference: { PlainReference.bilinear($0[0], x, height, width) }),
    ]
  }

  /// Of two elements the normalised values are ±1: what is left of the gradient is cancellation.
  private static func tolerance(setOf count: Int) -> Double { count > 2 ? 1e-4 : 5e-3 }

  private static let batchNorms: [OpCase] = [
    [2, 3, 4, 5], [1, 1, 2, 3], [4, 5, 7, 16], [1, 31, 17, 9],
  ].flatMap { (x: [Int]) in
    [true, false].flatMap { relu in
      let inputs = [Input(x, in: -1...3), Input([x[3]], in: 0.5...2), Input([x[3]])]
      let suffix = relu ? ", relu" : ""
      return [
        OpCase(
          "batchNorm, batch statistics\(suffix)", inputs,
          tolerance: tolerance(setOf: x[0] * x[1] * x[2]),
          apply: {
            let running = RunningStatistics(channels: x[3], $0[0].dtype)
            return $0[0].batchNorm(
              scale: $0[1], shift: $0[2], running: running, mode: .training(momentum: 0.1),
              relu: relu)
          },
          reference: {
            PlainReference.normalization(
              $0[0], channels: x[3], scale: $0[1], shift: $0[2], epsilon: 1e-5, relu: relu
            ) { $0 % x[3] }
          }),
        OpCase(
          "batchNorm, evaluation\(suffix)", inputs,
          apply: {
            let running = RunningStatistics(channels: x[3], $0[0].dtype)
            running.mean = Tensor(repeating: 0.25, shape: [x[3]], $0[0].dtype)
            running.variance = Tensor(repeating: 2, shape: [x[3]], $0[0].dtype)
            return $0[0].batchNorm(
              scale: $0[1], shift: $0[2], running: running, mode: .evaluation, relu: relu)
          },
          reference: { v in
            v[0].enumerated().map { i, value in
              let y = v[1][i % x[3]] * (value - 0.25) / 2.00001.squareRoot() + v[2][i % x[3]]
              return relu ? max(0, y) : y
            }
          }),
      ]
    }
  }

  private static let groupNorms: [OpCase] = [
    ([2, 3, 4, 6], 1), ([2, 3, 4, 6], 3), ([2, 3, 4, 6], 6), ([1, 1, 1, 4], 2), ([3, 9, 7, 32], 8),
    ([1, 33, 17, 16], 4),
  ].flatMap { (x: [Int], groups: Int) in
    [true, false].map { relu in
      OpCase(
        "groupNorm, \(groups) groups\(relu ? ", relu" : "")",
        [Input(x, in: -1...3), Input([x[3]], in: 0.5...2), Input([x[3]])],
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
  }

  private static let residuals: [OpCase] = [[2, 3, 4, 5], [1], [0, 4]].map { shape in
    OpCase(
      "addRelu", [Input(shape), Input(shape)], apply: { $0[0].addRelu($0[1]) },
      reference: { v in v[0].indices.map { max(0, v[0][$0] + v[1][$0]) } })
  }
}
