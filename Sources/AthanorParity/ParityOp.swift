import AthanorCore
import AthanorVision
import CppReference

/// A preprocessing op in both implementations, which run on the same memory.
public struct ParityOp: Sendable {
  /// An image's size in pixels, and its bytes per pixel.
  public struct Shape: Equatable, Sendable {
    public var width: Int
    public var height: Int
    public var channels: Int

    var byteCount: Int { width * height * channels }
  }

  /// What an input image holds.
  enum Content: Sendable {
    /// Waves and noise in every channel, as expensive to process as a photograph.
    case photograph
    /// Blocks of the first colours of Pascal VOC's map.
    case labels
    /// Zero in one pixel of thirty, 255 in all others.
    case scattered
  }

  public let name: String
  let channels: Int
  let content: Content
  /// The shape of the output for an input; a float counts as four byte channels.
  let output: @Sendable (Shape) -> Shape
  let reference: @Sendable (cppref_image, cppref_output) -> Int32
  let ours: @Sendable (Pixels, MutablePixels) -> Void

  init(
    _ name: String, channels: Int = 3, content: Content = .photograph,
    output: @escaping @Sendable (Shape) -> Shape = { $0 },
    reference: @escaping @Sendable (cppref_image, cppref_output) -> Int32,
    ours: @escaping @Sendable (Pixels, MutablePixels) -> Void
  ) {
    self.name = name
    self.channels = channels
    self.content = content
    self.output = output
    self.reference = reference
    self.ours = ours
  }
}

extension ParityOp.Content {
  /// An image of this content; the same shape always gives the same image.
  func image(_ shape: ParityOp.Shape) -> Image {
    var generator = Generator(shape.width, shape.height, shape.channels)
    var pixels = [UInt8](repeating: 0, count: shape.byteCount)
    for y in 0..<shape.height {
      for x in 0..<shape.width {
        let bits = generator.next()
        let label = (x / 37 &* 7 &+ y / 29 &* 13) % 21
        for c in 0..<shape.channels {
          let i = (y * shape.width + x) * shape.channels + c
          switch self {
          case .photograph:
            let wave = (x &* (3 + c) &+ y &* (5 - c)) / 8 % 200
            pixels[i] = UInt8(wave) &+ UInt8(truncatingIfNeeded: bits >> (8 * c)) % 56
          case .scattered: pixels[i] = bits % 30 == 0 ? 0 : 255
          case .labels: pixels[i] = Colors.voc[3 * label + c]
          }
        }
      }
    }
    return Image(
      width: shape.width, height: shape.height, channels: shape.channels, pixels: pixels)
  }
}
