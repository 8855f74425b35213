import COneDNN
import CResources
import Synchronization

/// Sizes of a windowed operation on channels-last memory: `[n,h,w,c]` to `[n,oh,ow,oc]`.
public struct WindowGeometry: Hashable, Sendable {
  public var n: Int
  public var h: Int
  public var w: Int
  public var c: Int
  public var outputChannels: Int
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var stride: Int
  public var padding: Int
  /// Pixels from one tap of the kernel to the next.
  public var dilation: Int
  /// Groups that the channels of source and destination are divided into; each group of the
  /// destination depends on its group of the source.
  public var groups: Int
  public var outputHeight: Int
  public var outputWidth: Int

  public init(
    n: Int, h: Int, w: Int, c: Int, outputChannels: Int, kernelHeight: Int, kernelWidth: Int,
    stride: Int, padding: Int, dilation: Int = 1, groups: Int = 1
  ) {
    self.n = n
    self.h = h
    self.w = w
    self.c = c
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    let (spanY, spanX) = (dilation * (kernelHeight - 1) + 1, dilation * (kernelWidth - 1) + 1)
    outputHeight = (h + 2 * padding - spanY) / stride + 1
    outputWidth = (w + 2 * padding - spanX) / stride + 1
  }

  /// Whether the kernel fits into the padded source at least once and the groups divide
  /// the channels.
  public var isValid: Bool {
    h > 0 && w > 0 && kernelHeight > 0 && kernelWidth > 0 && stride > 0 && padding >= 0
      && dilation > 0 && h + 2 * padding > dilation * (kernelHeight - 1)
      && w + 2 * padding > dilation * (kernelWidth - 1) && groups > 0 && c % groups == 0
      && outputChannels % groups == 0
  }

  /// Channels of the source that each channel of the destination depends on.
  public var channelsPerGroup: Int { c / groups }

  /// Whether each channel of the destination depends on one channel of the source.
  public var isDepthwise: Bool { groups > 1 && groups == c && groups == outputChannels }

  /// Multiply–adds of the convolution, counted as two operations each.
  public var flops: Int {
    2 * n * outputHeight * outputWidth * weightCount
  }

  /// Elements of the weights `[O,I/groups,KH,KW]`.
  public var weightCount: Int { outputChannels * channelsPerGroup * kernelHeight * kernelWidth }

  var dnnl: athanor_dnnl_geometry {
    athanor_dnnl_geometry(
      n: Int32(n), h: Int32(h), w: Int32(w), c: Int32(c), oh: Int32(outputHeight),
      ow: Int32(outputWidth), oc: Int32(outputChannels), kh: Int32(kernelHeight),
      kw: Int32(kernelWidth), stride: Int32(stride), pad: Int32(padding),
      dilation: Int32(dilation), groups: Int32(groups))
  }
}

/// oneDNN's primitives, created once for each description and thread count.
enum OneDNN {
  struct Key: Hashable {
    enum Operation: Hashable {
      case convolution(bias: Bool, relu: Bool)
      case maxPooling
    }
    var operation: Operation
    var direction: athanor_dnnl_direction
    var geometry: WindowGeometry
    var threads = Threads.prepare()
  }

  /// Guards the primitives, which are not thread-safe.
  private static let lock = Mutex(())
  nonisolated(unsafe) private static var operations: [Key: OpaquePointer] = [:]

  /// Runs the primitive on `buffers`, in the order that `COneDNN.h` states; `isPacked` says that
  /// the weights come from `pack`.
  static func run(_ key: Key, _ buffers: [UnsafeMutableRawPointer?], isPacked: Bool = false) {
    lock.withLock { _ in
      let status = buffers.withUnsafeBufferPointer {
        athanor_dnnl_execute(operation(key), $0.baseAddress!, isPacked ? 1 : 0)
      }
      check(status, "executing", key)
    }
  }

  /// Bytes of the weights in the primitive's own layout; 0 where that is the plain one.
  static func packedSize(_ key: Key) -> Int {
    lock.withLock { _ in athanor_dnnl_packed_size(operation(key)) }
  }

  /// Converts plain weights to the primitive's own layout.
  static func pack(_ key: Key, _ weights: UnsafePointer<Float>, to packed: UnsafeMutableRawPointer)
  {
    lock.withLock { _ in
      let status = athanor_dnnl_pack(operation(key), .init(mutating: weights), packed)
      check(status, "packing for", key)
    }
  }

  /// Bytes of the workspace that forward leaves for backward.
  static func workspaceSize(_ key: Key) -> Int {
    lock.withLock { _ in athanor_dnnl_workspace_size(operation(key)) }
  }

  /// Ends the process where oneDNN had too little memory, and traps on any other failure.
  private static func check(_ status: Int32, _ action: String, _ key: Key) {
    guard status != 0 else { return }
    if status == outOfMemory { athanor_out_of_memory(0) }
    require(false, "oneDNN: \(action) \(key) failed with status \(status)")
  }

  /// `dnnl_out_of_memory`.
  private static let outOfMemory: Int32 = 1

  private static func operation(_ key: Key) -> OpaquePointer {
    if let made = operations[key] { return made }
    var made: OpaquePointer?
    let direction = Int32(key.direction.rawValue)
    let geometry = key.geometry.dnnl
    let status =
      switch key.operation {
      case .convolution(let bias, let relu):
        athanor_dnnl_convolution(&made, direction, geometry, bias ? 1 : 0, relu ? 1 : 0)
      case .maxPooling:
        athanor_dnnl_max_pooling(&made, direction, geometry)
      }
    check(status, "creating", key)
    operations[key] = made!
    return made!
  }
}

extension athanor_dnnl_direction: @retroactive Hashable {}
