/// Which pixels touch.
public enum Connectivity: Int, CaseIterable, Codable, Sendable {
  /// Those above, below, left and right.
  case four = 4
  /// The corners too.
  case eight = 8
}

/// The bounding box and size of one component.
public struct Component: Equatable, Sendable {
  public var left: Int32
  public var top: Int32
  public var width: Int32
  public var height: Int32
  /// Pixels.
  public var area: Int32

  public init(left: Int32, top: Int32, width: Int32, height: Int32, area: Int32) {
    self.left = left
    self.top = top
    self.width = width
    self.height = height
    self.area = area
  }
}

/// Numbers the connected parts of the non-zero pixels from 1 on; zero pixels get 0. Returns the
/// components by number, the first being the background.
///
/// Shapes: rows of `src` `stride` bytes apart, `dst` of height × width labels.
/// Units: a background of no pixels has OpenCV's values for it: left −1, top the largest number,
/// the rest 0.
/// Source: runs of pixels joined by a union–find whose roots are the first runs: He, Chao and
/// Suzuki, A Run-Based Two-Scan Labeling Algorithm, IEEE Transactions on Image Processing 2008.
/// Parity: `cv::connectedComponentsWithStats` with its default algorithm, numbers included: by the
/// first pixel for 4-connectivity; for 8 by the first block of 2×2 pixels, row of blocks by row.
@discardableResult
public func connectedComponents(
  _ src: UnsafePointer<UInt8>, width: Int, height: Int, stride: Int,
  _ connectivity: Connectivity, into dst: UnsafeMutablePointer<Int32>
) -> [Component] {
  var runs = RunTable(width: width, height: height) { y, table in
    table.appendRuns(ofNonZero: src + y * stride)
  }
  runs.join(connectivity)
  let components = runs.number(connectivity)
  nonisolated(unsafe) let dst = dst
  runs.withNumbers { runs in
    parallelRanges(height, grain: rowGrain(4 * width)) { rows in
      for y in rows { runs.writeLabels(row: y, dst + y * width) }
    }
  }
  return [background(of: src, width, height, stride, without: components)] + components
}

/// The same of a mask without gaps between its rows.
public func connectedComponents(
  _ src: [UInt8], width: Int, height: Int, _ connectivity: Connectivity
) -> (labels: [Int32], components: [Component]) {
  precondition(
    src.count == width * height, "connectedComponents: \(src.count) pixels for \(width)×\(height)")
  var components: [Component] = []
  let labels = [Int32](unsafeUninitializedCapacity: src.count) { dst, count in
    src.withUnsafeBufferPointer { src in
      guard !src.isEmpty, let base = src.baseAddress, let dst = dst.baseAddress else { return }
      components = connectedComponents(
        base, width: width, height: height, stride: width, connectivity, into: dst)
    }
    count = src.count
  }
  return (labels, components)
}

/// What the components leave of `src`, boxed.
private func background(
  of src: UnsafePointer<UInt8>, _ width: Int, _ height: Int, _ stride: Int,
  without components: [Component]
) -> Component {
  let area = width * height - components.reduce(0) { $0 + Int($1.area) }
  guard area > 0 else { return Component(left: -1, top: .max, width: 0, height: 0, area: 0) }
  func hasZero(_ x: Int, _ y: Int, _ count: Int) -> Bool {
    let row = src + y * stride + x
    for i in 0..<count where row[i] == 0 { return true }
    return false
  }
  let top = (0..<height).first { hasZero(0, $0, width) } ?? 0
  let bottom = (0..<height).last { hasZero(0, $0, width) } ?? 0
  var (left, right) = (width - 1, 0)
  for y in top...bottom {
    let row = src + y * stride
    if let x = (0..<left).first(where: { row[$0] == 0 }) { left = x }
    if let x = (right..<width).last(where: { row[$0] == 0 }) { right = x }
    if left == 0 && right == width - 1 { break }
  }
  return Component(
    left: Int32(left), top: Int32(top), width: Int32(right - left + 1),
    height: Int32(bottom - top + 1), area: Int32(area))
}

/// The components of every class but 0 and 255, by class and then by number.
///
/// Parity: `cv::connectedComponentsWithStats` of each class alone.
public func componentsByClass(
  _ src: UnsafePointer<UInt8>, width: Int, height: Int, stride: Int, _ connectivity: Connectivity
) -> [(label: Int, component: Component)] {
  var runs = RunTable(width: width, height: height) { y, table in
    table.appendRuns(ofClasses: src + y * stride)
  }
  runs.join(connectivity)
  let components = runs.number(connectivity)
  return zip(runs.classes, components).enumerated()
    .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
    .map { (Int($0.element.0), $0.element.1) }
}
