import AthanorCore
import AthanorKernels

/// Numbers the connected parts of the non-zero pixels from 1 on; zero pixels get 0. Returns the
/// components by number, the first being the background; as the kernel of `AthanorKernels`.
///
/// Shapes: `src` of one channel, `dst` of height × width labels.
/// Parity: `cv::connectedComponentsWithStats` with its default algorithm, numbers included.
@discardableResult
public func connectedComponents(
  _ src: Pixels, _ connectivity: Connectivity, into dst: UnsafeMutablePointer<Int32>
) -> [Component] {
  precondition(src.channels == 1, "connectedComponents: \(src.channels) channels")
  return connectedComponents(
    src.base, width: src.width, height: src.height, stride: src.stride, connectivity, into: dst)
}

/// The components of every class but 0 and 255, by class and then by number.
///
/// Parity: `cv::connectedComponentsWithStats` of each class alone.
public func componentsByClass(
  _ src: Pixels, _ connectivity: Connectivity
) -> [(label: Int, component: Component)] {
  precondition(src.channels == 1, "componentsByClass: \(src.channels) channels")
  return componentsByClass(
    src.base, width: src.width, height: src.height, stride: src.stride, connectivity)
}

extension Image {
  /// The connected parts of this mask, numbered as OpenCV does; see `connectedComponents`.
  public func connectedComponents(
    _ connectivity: Connectivity = .eight
  ) -> (labels: [Int32], components: [Component]) {
    precondition(channels == 1, "connectedComponents: \(channels) channels")
    return AthanorKernels.connectedComponents(
      pixels, width: width, height: height, connectivity)
  }

  /// A box around every connected part of every class of this mask but 0 (background) and 255
  /// (ignore): by class, then as `connectedComponents` numbers them.
  ///
  /// - `minimumArea`: smaller parts, in pixels, get no box.
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
