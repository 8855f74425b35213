extension Sample {
  /// The sample at the smallest whole multiple of its size whose longer side is at least `side`
  /// pixels, so that captions cover less of small images.
  public func enlarged(to side: Int) -> Sample {
    let longer = max(1, max(image.width, image.height))
    let factor = (side + longer - 1) / longer
    guard factor > 1 else { return self }
    return resized(width: image.width * factor, height: image.height * factor, .linear)
  }

  /// The sample with its longer side at about `side` pixels.
  public func fitted(to side: Int) -> Sample {
    let longer = max(image.width, image.height)
    guard longer > side else {
      return 2 * longer > side ? self : enlarged(to: side)
    }
    let scale = Double(side) / Double(longer)
    return resized(
      width: max(1, Int((Double(image.width) * scale).rounded())),
      height: max(1, Int((Double(image.height) * scale).rounded())), .area)
  }
}
