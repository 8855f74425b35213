import AthanorCore

/// How samples of any size are fitted to the input.
public enum Fit: String, Codable, CaseIterable, Sendable {
  /// Without changing the aspect; pads right and bottom (image 0 after normalisation, mask 255).
  case letterbox
  /// Fills the input; the aspect changes.
  case stretch
}

/// The size and the normalisation of a network's input.
public struct InputFormat: Codable, Equatable, Sendable {
  /// Pixels, multiples of 32.
  public var width: Int
  public var height: Int
  public var fit: Fit
  /// Of the values `0...1` per channel, RGB: the input is (value − mean) / deviation.
  public var mean: [Float]
  public var deviation: [Float]

  /// Mean and deviation default to ImageNet's, as torchvision's weights expect.
  public init(
    width: Int, height: Int, fit: Fit = .letterbox, mean: [Float] = [0.485, 0.456, 0.406],
    deviation: [Float] = [0.229, 0.224, 0.225]
  ) {
    self.width = width
    self.height = height
    self.fit = fit
    self.mean = mean
    self.deviation = deviation
  }

  /// Throws `SettingsError` for an invalid size or normalisation.
  public func validate(at key: String) throws {
    for (name, value) in [("width", width), ("height", height)] {
      guard value > 0, value % 32 == 0, value <= 16384 else {
        throw SettingsError(
          key: "\(key).\(name)", expected: "a positive multiple of 32", received: "\(value)")
      }
    }
    guard mean.count == 3, mean.allSatisfy(\.isFinite) else {
      throw SettingsError(key: "\(key).mean", expected: "three numbers", received: "\(mean)")
    }
    guard deviation.count == 3, deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw SettingsError(
        key: "\(key).deviation", expected: "three positive numbers", received: "\(deviation)")
    }
  }

  /// The position of an image of the given size in the input.
  public func geometry(width: Int, height: Int) -> Geometry {
    var content = (self.width, self.height)
    if fit == .letterbox {
      let scale = min(
        Double(self.width) / Double(width), Double(self.height) / Double(height))
      content = (
        min(self.width, max(1, Int((Double(width) * scale).rounded()))),
        min(self.height, max(1, Int((Double(height) * scale).rounded())))
      )
    }
    return Geometry(
      originalWidth: width, originalHeight: height, contentWidth: content.0,
      contentHeight: content.1)
  }
}
