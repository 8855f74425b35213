import AthanorCore
import AthanorKernels

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
/// Shapes: `src` of one channel, `dst` of height × width labels.
/// Units: a background of no pixels has OpenCV's values for it: left −1, top the largest number,
/// all others 0.
/// Source: runs of pixels joined by a union–find whose roots are the first runs: He, Chao and
/// Suzuki, A Run-Based Two-Scan Labeling Algorithm, IEEE Transactions on Image Processing 2008.
/// Parity: `cv::connectedComponentsWithStats` with its default algorithm, numbers included: by the
/// first pixel for 4-connectivity; for 8 by the first block of 2×2 pixels, row of blocks by row.
@discardableResult
public func connectedComponents(
  _ src: Pixels, _ connectivity: Connectivity, into dst: UnsafeMutablePointer<Int32>
) -> [Component] {
  precondition(src.channels == 1, "connectedComponents: \(src.channels) channels")
  var runs = RunTable(width: src.width, height: src.height) { y, table in
    table.appendRuns(ofNonZero: src.row(y))
  }
  runs.join(connectivity)
  let components = runs.number(connectivity)
  nonisolated(unsafe) let dst = dst
  runs.withNumbers { runs in
    parallelRanges(src.height, grain: rowGrain(4 * src.width)) { rows in
      for y in rows { runs.writeLabels(row: y, dst + y * src.width) }
    }
  }
  return [background(of: src, without: components)] + components
}

/// What the components leave of `src`, boxed.
private func background(of src: Pixels, without components: [Component]) -> Component {
  let area = src.width * src.height - components.reduce(0) { $0 + Int($1.area) }
  guard area > 0 else { return Component(left: -1, top: .max, width: 0, height: 0, area: 0) }
  func hasZero(_ x: Int, _ y: Int, _ count: Int) -> Bool {
    let row = src.row(y) + x
    for i in 0..<count where row[i] == 0 { return true }
    return false
  }
  let top = (0..<src.height).first { hasZero(0, $0, src.width) } ?? 0
  let bottom = (0..<src.height).last { hasZero(0, $0, src.width) } ?? 0
  var (left, right) = (src.width - 1, 0)
  for y in top...bottom {
    let row = src.row(y)
    if let x = (0..<left).first(where: { row[$0] == 0 }) { left = x }
    if let x = (right..<src.width).last(where: { row[$0] == 0 }) { right = x }
    if left == 0 && right == src.width - 1 { break }
  }
  return Component(
    left: Int32(left), top: Int32(top), width: Int32(right - left + 1),
    height: Int32(bottom - top + 1), area: Int32(area))
}

extension Image {
  /// The connected parts of this mask, numbered as OpenCV does; see `connectedComponents`.
  public func connectedComponents(
    _ connectivity: Connectivity = .eight
  ) -> (labels: [Int32], components: [Component]) {
    var components: [Component] = []
    let labels = [Int32](unsafeUninitializedCapacity: width * height) { buffer, count in
      if let base = buffer.baseAddress, width * height > 0 {
        components = withPixels {
          AthanorVision.connectedComponents($0, connectivity, into: base)
        }
      }
      count = width * height
    }
    return (labels, components)
  }

  /// A box around every connected part of every class of this mask but 0 (background) and 255
  /// (ignore): by class, then as `connectedComponents` numbers them.
  ///
  /// - Parameter minimumArea: smaller parts, in pixels, get no box.
  public func boxes(
    _ connectivity: Connectivity = .eight, minimumArea: Int = 1
  ) -> [BoundingBox] {
    withPixels { componentsByClass($0, connectivity) }.lazy
      .filter { $0.component.area >= minimumArea }
      .map { label, part in
        BoundingBox(
          x1: Float(part.left), y1: Float(part.top), x2: Float(part.left + part.width),
          y2: Float(part.top + part.height), label: label)
      }
  }
}

/// The components of every class but 0 and 255, by class and then by number.
///
/// Parity: `cv::connectedComponentsWithStats` of each class alone.
public func componentsByClass(
  _ src: Pixels, _ connectivity: Connectivity
) -> [(label: Int, component: Component)] {
  precondition(src.channels == 1, "componentsByClass: \(src.channels) channels")
  var runs = RunTable(width: src.width, height: src.height) { y, table in
    table.appendRuns(ofClasses: src.row(y))
  }
  runs.join(connectivity)
  let components = runs.number(connectivity)
  return zip(runs.classes, components).enumerated()
    .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
    .map { (Int($0.element.0), $0.element.1) }
}
