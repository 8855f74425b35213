import AthanorKernels

extension Tensor {
  /// The part `range` of one axis: `y[:, 2:5]` is `y.sliced(2..<5, axis: 1)`.
  public func sliced(_ range: Range<Int>, axis: Int) -> Tensor {
    require(
      shape.indices.contains(axis) && range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "sliced: \(range) of axis \(axis) of shape \(shape)")
    var sizes = shape
    sizes[axis] = range.count
    if isShapeOnly { return traced(nil, sizes) }
    let result = Tensor(uninitialized: sizes, dtype)
    Self.copy(from: self, at: range.lowerBound, to: result, at: 0, count: range.count, axis: axis)
    return result.computed(from: self) { [shape] gradient in
      let whole = Tensor.zeros(shape, gradient.dtype)
      Self.copy(
        from: gradient, at: 0, to: whole, at: range.lowerBound, count: range.count, axis: axis)
      return whole
    }
  }

  /// The element `index` of one axis, which is removed: `y[:, 0]` is `y.selected(0, axis: 1)`.
  public func selected(_ index: Int, axis: Int) -> Tensor {
    require(
      shape.indices.contains(axis) && (0..<shape[axis]).contains(index),
      "selected: element \(index) of axis \(axis) of shape \(shape)")
    var sizes = shape
    sizes.remove(at: axis)
    return sliced(index..<(index + 1), axis: axis).reshaped(sizes)
  }

  /// Tensors joined along one axis.
  public static func concatenated(_ parts: [Tensor], axis: Int) -> Tensor {
    require(!parts.isEmpty, "concatenated: no tensor")
    require(
      parts[0].shape.indices.contains(axis), "concatenated: along axis \(axis) of \(parts[0])")
    var sizes = parts[0].shape
    sizes[axis] = 0
    for part in parts {
      let same =
        part.rank == sizes.count
        && sizes.indices.allSatisfy {
          $0 == axis || sizes[$0] == part.shape[$0]
        }
      require(
        same && part.dtype == parts[0].dtype,
        "concatenated: \(part) after \(parts[0]) along axis \(axis)")
      sizes[axis] += part.shape[axis]
    }
    if parts[0].isShapeOnly { return parts[0].traced("Concat", sizes) }
    let result = Tensor(uninitialized: sizes, parts[0].dtype)
    var offset = 0
    for part in parts {
      let count = part.shape[axis]
      copy(from: part, at: 0, to: result, at: offset, count: count, axis: axis)
      offset += count
    }
    let counts = parts.map { $0.shape[axis] }
    return result.computed(from: parts) { gradient, needed in
      var offset = 0
      return counts.indices.map { i in
        defer { offset += counts[i] }
        return needed[i] ? gradient.sliced(offset..<(offset + counts[i]), axis: axis) : nil
      }
    }
  }

  private static func copy(
    from source: Tensor, at sourceStart: Int, to target: Tensor, at targetStart: Int, count: Int,
    axis: Int
  ) {
    let outer = source.shape[..<axis].reduce(1, *)
    let inner = source.shape[(axis + 1)...].reduce(source.dtype.byteCount, *)
    guard inner * count > 0 else { return }
    let (sourceStep, targetStep) = (source.shape[axis] * inner, target.shape[axis] * inner)
    let from = source.storage.base + sourceStart * inner
    let to = target.storage.base + targetStart * inner
    parallelFor(outer, grain: max(1, (1 << 16) / (inner * count))) {
      (to + $0 * targetStep).copyMemory(from: from + $0 * sourceStep, byteCount: count * inner)
    }
  }
}
