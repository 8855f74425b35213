/// How the pixels outside an image are extrapolated.
public enum BorderMode: Equatable, Sendable {
  /// One value per channel: `BORDER_CONSTANT`.
  case constant([UInt8])
  /// The image mirrored, its edge pixels twice: `BORDER_REFLECT`, `cba|abc|cba`.
  case reflect
  /// The image mirrored about its edge pixels: `BORDER_REFLECT_101`, `cb|abc|ba`.
  case reflect101

  /// The position inside `0..<count` that `p` is taken from; nil for a constant.
  @inline(__always)
  func position(_ p: Int, _ count: Int) -> Int? {
    if p >= 0 && p < count { return p }
    switch self {
    case .constant: return nil
    case .reflect:
      let q = modulo(p, 2 * count)
      return q < count ? q : 2 * count - 1 - q
    case .reflect101:
      if count == 1 { return 0 }
      let q = modulo(p, 2 * count - 2)
      return q < count ? q : 2 * count - 2 - q
    }
  }

  private func modulo(_ a: Int, _ b: Int) -> Int {
    let r = a % b
    return r < 0 ? r + b : r
  }
}
