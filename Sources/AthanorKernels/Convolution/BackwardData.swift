import COneDNN

/// The gradient of one convolution with respect to its source, for as many losses as are
/// differentiated.
///
/// The weights are converted to the layout of the primitive once, on first use: they must not
/// change during the lifetime of this object.
///
/// With stride 1 it is itself a forward convolution: of diffDst, with the kernels rotated by 180°
/// and their channels exchanged. oneDNN 2 runs its forward convolution up to 1.7 times as fast as
/// its backward one on Intel's AVX-512 processors, where the former has a newer implementation. A
/// depthwise one is up to twice as fast forward on any processor, and ten times where dilated.
public final class BackwardData: @unchecked Sendable {
  /// The convolution whose gradient it is.
  private let geometry: WindowGeometry
  /// The forward convolution that computes it, where that is faster.
  private let mirrored: WindowGeometry?
  /// The weights in the layout of the primitive.
  private var weights: UnsafeMutableRawPointer?
  private var byteCount = 0

  /// Whether this processor and library are faster forward: never decided by timing, so that
  /// runs are reproducible.
  private static let prefersForward = athanor_dnnl_backward_data_lags() != 0

  public convenience init(_ geometry: WindowGeometry) {
    self.init(geometry, asForward: Self.prefersForward)
  }

  /// - Parameter asForward: Whether to use a forward convolution where there is one.
  package init(_ geometry: WindowGeometry, asForward: Bool) {
    self.geometry = geometry
    mirrored = asForward || geometry.isDepthwise ? Self.mirrored(geometry) : nil
  }

  deinit { if let weights { Allocator.deallocate(weights, byteCount) } }

  /// The forward convolution that computes the gradient of `geometry`'s, where there is one.
  package static func mirrored(_ geometry: WindowGeometry) -> WindowGeometry? {
    let side = geometry.kernelWidth
    let reach = geometry.dilation * (side - 1)
    // 1×1 kernels are as fast either way; with few channels the transposed convolution has short
    // sums.
    guard geometry.stride == 1, side > 1, geometry.kernelHeight == side,
      geometry.padding <= reach,
      geometry.isDepthwise || geometry.groups == 1 && geometry.outputChannels >= 16
    else { return nil }
    return WindowGeometry(
      n: geometry.n, h: geometry.outputHeight, w: geometry.outputWidth,
      c: geometry.outputChannels, outputChannels: geometry.c, kernelHeight: side,
      kernelWidth: side, stride: 1, padding: reach - geometry.padding,
      dilation: geometry.dilation, groups: geometry.groups)
  }

  /// `weights` are those of the convolution, the same in every call.
  public func callAsFunction(
    diffDst: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    diffSrc: UnsafeMutablePointer<Float>
  ) {
    guard geometry.n > 0 else { return }
    let key = OneDNN.Key(
      operation: .convolution(bias: false, relu: false),
      direction: mirrored == nil ? ATHANOR_DNNL_BACKWARD_DATA : ATHANOR_DNNL_FORWARD,
      geometry: mirrored ?? geometry)
    prepare(key, weights)
    OneDNN.run(
      key,
      [
        .init(mutating: diffDst), self.weights ?? .init(mutating: weights), .init(diffSrc), nil,
      ], isPacked: self.weights != nil)
  }

  private func prepare(_ key: OneDNN.Key, _ plain: UnsafePointer<Float>) {
    guard weights == nil else { return }
    let packedSize = OneDNN.packedSize(key)
    guard mirrored != nil else {
      if packedSize > 0 { OneDNN.pack(key, plain, to: reserve(packedSize)) }
      return
    }
    let plainSize = geometry.weightCount * MemoryLayout<Float>.stride
    guard packedSize > 0 else { return turn(plain, to: reserve(plainSize)) }
    let turned = Allocator.allocate(plainSize)
    turn(plain, to: turned)
    OneDNN.pack(key, turned.assumingMemoryBound(to: Float.self), to: reserve(packedSize))
    Allocator.deallocate(turned, plainSize)
  }

  private func reserve(_ size: Int) -> UnsafeMutableRawPointer {
    let block = Allocator.allocate(size)
    (weights, byteCount) = (block, size)
    return block
  }

  /// dst[i, o, taps − 1 − t] = src[o, i, t] in each group.
  private func turn(_ src: UnsafePointer<Float>, to block: UnsafeMutableRawPointer) {
    let dst = block.bindMemory(to: Float.self, capacity: geometry.weightCount)
    let size = geometry.weightCount / geometry.groups
    for group in 0..<geometry.groups { turnGroup(src + group * size, to: dst + group * size) }
  }

  private func turnGroup(_ src: UnsafePointer<Float>, to dst: UnsafeMutablePointer<Float>) {
    let (outputs, inputs) = (geometry.outputChannels / geometry.groups, geometry.channelsPerGroup)
    let taps = geometry.kernelHeight * geometry.kernelWidth
    // A few inputs of each output channel at a time, so that reads and writes are contiguous.
    let width = 16
    parallelFor((inputs + width - 1) / width, grain: max(1, 4096 / (width * outputs))) { part in
      for o in 0..<outputs {
        for i in (part * width)..<min(inputs, (part + 1) * width) {
          let (from, to) = (src + (o * inputs + i) * taps, dst + (i * outputs + o) * taps)
          for t in 0..<taps { to[taps - 1 - t] = from[t] }
        }
      }
    }
  }
}
