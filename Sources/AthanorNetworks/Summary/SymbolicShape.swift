/// A shape `[N,H,W,C]` some of whose sizes are not known yet: nil, printed `None`.
///
/// It is the lesson of the placeholder: layers are checked, and their outputs named, before there is
/// any data.
public struct SymbolicShape: Equatable, Sendable, CustomStringConvertible {
  public var n: Int?
  public var h: Int?
  public var w: Int?
  public var c: Int

  public init(n: Int? = nil, h: Int? = nil, w: Int? = nil, c: Int) {
    self.n = n
    self.h = h
    self.w = w
    self.c = c
  }

  public var description: String {
    let sizes = [n, h, w].map { $0.map(String.init) ?? "None" }
    return "[\(sizes.joined(separator: ", ")), \(c)]"
  }

  /// Positions of one image, where they are known.
  public var pixels: Int? {
    guard let h, let w else { return nil }
    return h * w
  }

  /// The shape after a window of `kernel` at `stride` with `padding`.
  func windowed(kernel: Int, stride: Int, padding: Int, channels: Int) -> SymbolicShape {
    func size(_ size: Int?) -> Int? { size.map { ($0 + 2 * padding - kernel) / stride + 1 } }
    return SymbolicShape(n: n, h: size(h), w: size(w), c: channels)
  }
}

/// A layer and an input that do not fit, found before training.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
  public let layer: String
  public let expected: String
  public let received: SymbolicShape

  public var description: String {
    "\(layer): expected \(expected), received an input of shape \(received)"
  }
}
