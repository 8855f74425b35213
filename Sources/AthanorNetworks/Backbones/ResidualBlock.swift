import AthanorTensor

/// The residual block of ResNet: two 3×3 convolutions, or a bottleneck of 1×1, 3×3, 1×1 whose stride
/// is on the 3×3 (torchvision's ResNet v1.5).
struct ResidualBlock: Module {
  let convolutions: [Conv2d]
  let norms: [BatchNorm2d]
  /// The 1×1 projection of the shortcut, where the stride or the channels change.
  let downsample: (conv: Conv2d, norm: BatchNorm2d)?

  init(
    _ kind: ResNet.Block, input: Int, width: Int, stride: Int, seed: Int, name: String
  ) {
    let output = width * kind.expansion
    func conv(_ i: Int, _ from: Int, _ to: Int, _ kernel: Int, _ stride: Int) -> Conv2d {
      Conv2d(
        from, to, kernel: kernel, stride: stride, initializer: .heNormal, seed: seed,
        name: "\(name).conv\(i)")
    }
    switch kind {
    case .basic:
      convolutions = [conv(1, input, width, 3, stride), conv(2, width, width, 3, 1)]
    case .bottleneck:
      convolutions = [
        conv(1, input, width, 1, 1), conv(2, width, width, 3, stride), conv(3, width, output, 1, 1),
      ]
    }
    norms = convolutions.map { BatchNorm2d($0.weight.value.shape[0]) }
    if stride != 1 || input != output {
      downsample = (
        Conv2d(
          input, output, kernel: 1, stride: stride, initializer: .heNormal, seed: seed,
          name: "\(name).downsample.0"),
        BatchNorm2d(output)
      )
    } else {
      downsample = nil
    }
  }

  func callAsFunction(_ x: Tensor, _ mode: Tensor.BatchNormMode) -> Tensor {
    var y = x
    for i in convolutions.indices {
      y = norms[i](convolutions[i](y), mode, relu: i < convolutions.count - 1)
    }
    let shortcut = downsample.map { $0.norm($0.conv(x), mode) } ?? x
    return y.addRelu(shortcut)
  }

  func state(_ prefix: String) -> [StateEntry] {
    var entries: [StateEntry] = []
    for i in convolutions.indices {
      entries += convolutions[i].state("\(prefix)conv\(i + 1).")
      entries += norms[i].state("\(prefix)bn\(i + 1).")
    }
    if let downsample {
      entries += downsample.conv.state("\(prefix)downsample.0.")
      entries += downsample.norm.state("\(prefix)downsample.1.")
    }
    return entries
  }
}
