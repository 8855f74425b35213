import COneDNN

/// Max-pooling on channels-last memory; padding is never the maximum.
public enum MaxPooling {
  /// Bytes that `forward` writes for `backward`: which element of each window was the largest.
  public static func workspaceSize(_ geometry: WindowGeometry, double: Bool) -> Int {
    double || geometry.n * geometry.c == 0
      ? geometry.n * geometry.outputHeight * geometry.outputWidth * geometry.c * 4
      : OneDNN.workspaceSize(key(geometry, ATHANOR_DNNL_FORWARD))
  }

  public static func forward(
    _ geometry: WindowGeometry, src: UnsafePointer<Float>, dst: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutableRawPointer
  ) {
    guard geometry.n * geometry.c > 0 else { return }
    OneDNN.run(
      key(geometry, ATHANOR_DNNL_FORWARD), [.init(mutating: src), .init(dst), workspace])
  }

  public static func backward(
    _ geometry: WindowGeometry, diffDst: UnsafePointer<Float>,
    diffSrc: UnsafeMutablePointer<Float>, workspace: UnsafeMutableRawPointer
  ) {
    guard geometry.n * geometry.c > 0 else { return }
    OneDNN.run(
      key(geometry, ATHANOR_DNNL_BACKWARD_DATA),
      [.init(mutating: diffDst), .init(diffSrc), workspace])
  }

  private static func key(
    _ geometry: WindowGeometry, _ direction: athanor_dnnl_direction
  ) -> OneDNN.Key {
    .init(operation: .maxPooling, direction: direction, geometry: geometry)
  }

  /// The same in double precision, by definition; the first of equal elements is taken.
  public static func forward(
    _ g: WindowGeometry, src: UnsafePointer<Double>, dst: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutableRawPointer
  ) {
    let winner = workspace.bindMemory(to: Int32.self, capacity: 1)
    var i = 0
    for n in 0..<g.n {
      for oy in 0..<g.outputHeight {
        for ox in 0..<g.outputWidth {
          for c in 0..<g.c {
            var best = -Double.infinity
            var index = -1
            for y in max(
              0, oy * g.stride - g.padding)..<min(
                g.h, oy * g.stride - g.padding + g.kernelHeight)
            {
              for x in max(
                0, ox * g.stride - g.padding)..<min(
                  g.w, ox * g.stride - g.padding + g.kernelWidth)
              {
                let s = ((n * g.h + y) * g.w + x) * g.c + c
                if index < 0 || src[s] > best { (best, index) = (src[s], s) }
              }
            }
            dst[i] = best
            winner[i] = Int32(index)
            i += 1
          }
        }
      }
    }
  }

  public static func backward(
    _ g: WindowGeometry, diffDst: UnsafePointer<Double>, diffSrc: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutableRawPointer
  ) {
    let winner = workspace.bindMemory(to: Int32.self, capacity: 1)
    for i in 0..<(g.n * g.h * g.w * g.c) { diffSrc[i] = 0 }
    for i in 0..<(g.n * g.outputHeight * g.outputWidth * g.c) where winner[i] >= 0 {
      diffSrc[Int(winner[i])] += diffDst[i]
    }
  }
}
