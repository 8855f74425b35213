import AthanorTensor

/// The residual block of ResNet: two 3×3 convolutions, or a bottleneck of 1×1, 3×3, 1×1 whose
/// stride is on the 3×3 (torchvision's ResNet v1.5), which is grouped in ResNeXt.
struct ResidualBlock: Module {
  /// The 1×1 projection of the shortcut.
  struct Downsample: Module {
    let conv: Conv2d
    let norm: BatchNorm2d

    var parts: Parts { [("0", conv), ("1", norm)] }
  }

  let convolutions: [Conv2d]
  let norms: [BatchNorm2d]
  /// Where the stride or the channels change.
  let downsample: Downsample?

  init(
    _ architecture: ResNet.Architecture, input: Int, width: Int, stride: Int, dilation: Int
  ) {
    let output = width * architecture.block.expansion
    let groups = architecture.groups
    let inner = max(1, width * architecture.widthPerGroup / 64) * groups
    switch architecture.block {
    case .basic:
      convolutions = [
        Conv2d(input, width, kernel: 3, stride: stride), Conv2d(width, width, kernel: 3),
      ]
    case .bottleneck:
      convolutions = [
        Conv2d(input, inner, kernel: 1),
        Conv2d(inner, inner, kernel: 3, stride: stride, dilation: dilation, groups: groups),
        Conv2d(inner, output, kernel: 1),
      ]
    }
    norms = convolutions.map { BatchNorm2d($0.weight.value.shape[0]) }
    downsample =
      stride == 1 && input == output
      ? nil
      : Downsample(
        conv: Conv2d(input, output, kernel: 1, stride: stride), norm: BatchNorm2d(output))
  }

  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    var y = x
    for i in convolutions.indices {
      y = norms[i](convolutions[i](y), mode, relu: i < convolutions.count - 1)
    }
    let shortcut = downsample.map { $0.norm($0.conv(x), mode) } ?? x
    return y.addRelu(shortcut)
  }

  var parts: Parts {
    var parts: Parts = []
    for i in convolutions.indices {
      parts += [("conv\(i + 1)", convolutions[i]), ("bn\(i + 1)", norms[i])]
    }
    return parts + (downsample.map { [("downsample", $0)] } ?? [])
  }
}
