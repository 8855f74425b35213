import AthanorCore
import AthanorVision

/// How samples of any size are fitted to the input.
public enum Fit: String, Codable, CaseIterable, Sendable {
  /// Without changing the aspect; pads right and bottom (image 0 after normalisation, mask 255).
  case letterbox
  /// Fills the input; the aspect changes.
  case stretch
}

/// What a network takes: the size and the value range of its input.
public struct InputFormat: Codable, Equatable, Sendable, DefaultInitializable {
  /// Pixels, multiples of 32.
  public var width = 128
  public var height = 128
  /// `letterbox` keeps the aspect and pads at the right and bottom, `stretch` does not.
  public var fit = Fit.letterbox
  /// What is subtracted from and divides R, G, B in 0…1: those of ImageNet, as torchvision's
  /// weights expect.
  public var mean = Normalization.imageNet.mean
  public var std = Normalization.imageNet.std

  public init() {}

  public init(
    width: Int, height: Int, fit: Fit = .letterbox,
    mean: [Float] = Normalization.imageNet.mean, std: [Float] = Normalization.imageNet.std
  ) {
    self.width = width
    self.height = height
    self.fit = fit
    self.mean = mean
    self.std = std
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
    guard std.count == 3, std.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw SettingsError(
        key: "\(key).std", expected: "three positive numbers", received: "\(std)")
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
