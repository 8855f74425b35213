import AthanorKernels

/// A predicted box, whose coordinates carry derivatives, and its target: what the IoU losses are
/// made of.
struct BoxPair<T: FloatingScalar> {
  typealias Number = Dual<T>

  /// x1, y1, x2, y2.
  let prediction: (Number, Number, Number, Number)
  let target: (Number, Number, Number, Number)

  @inline(__always)
  init(_ p: UnsafePointer<T>, _ t: UnsafePointer<T>) {
    prediction = (
      Number(p[0], SIMD4(1, 0, 0, 0)), Number(p[1], SIMD4(0, 1, 0, 0)),
      Number(p[2], SIMD4(0, 0, 1, 0)), Number(p[3], SIMD4(0, 0, 0, 1))
    )
    target = (Number(t[0]), Number(t[1]), Number(t[2]), Number(t[3]))
  }

  /// Added to denominators so that quotients of areas are finite.
  @inline(__always)
  static var epsilon: T { 1e-7 }

  @inline(__always) var width: Number { prediction.2 - prediction.0 }
  @inline(__always) var height: Number { prediction.3 - prediction.1 }
  @inline(__always) var targetWidth: Number { target.2 - target.0 }
  @inline(__always) var targetHeight: Number { target.3 - target.1 }

  @inline(__always)
  var intersection: Number {
    let zero = Number(0)
    let w = prediction.2.minimum(target.2) - prediction.0.maximum(target.0)
    let h = prediction.3.minimum(target.3) - prediction.1.maximum(target.1)
    return w.maximum(zero) * h.maximum(zero)
  }

  @inline(__always)
  func union(_ intersection: Number) -> Number {
    width * height + targetWidth * targetHeight - intersection
  }

  /// I/(U + ε).
  @inline(__always)
  var iou: Number {
    let intersection = intersection
    return intersection / (union(intersection) + Self.epsilon)
  }

  /// The smallest box that encloses both.
  @inline(__always)
  var enclosing: (width: Number, height: Number) {
    (
      prediction.2.maximum(target.2) - prediction.0.minimum(target.0),
      prediction.3.maximum(target.3) - prediction.1.minimum(target.1)
    )
  }

  /// From the target's centre to the prediction's. Coordinates are subtracted before they are
  /// averaged: the difference of two close numbers is exact.
  @inline(__always)
  var offset: (x: Number, y: Number) {
    (
      ((prediction.0 - target.0) + (prediction.2 - target.2)) * 0.5,
      ((prediction.1 - target.1) + (prediction.3 - target.3)) * 0.5
    )
  }

  /// ρ²/(c² + ε): the squared distance of the centres over the squared diagonal of the
  /// enclosing box.
  @inline(__always)
  var distance: Number {
    let (offset, enclosing) = (offset, enclosing)
    return (offset.x.squared + offset.y.squared)
      / (enclosing.width.squared + enclosing.height.squared + Self.epsilon)
  }
}
