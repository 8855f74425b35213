import AthanorCore

extension Check {
  /// A length of a reasonable size.
  static func pixels(_ value: Int, _ key: String, from least: Int = 1) throws {
    guard (least...16384).contains(value) else {
      throw SettingsError(
        key: key, expected: "\(least) to 16384 pixels", received: "\(value)")
    }
  }

  /// The side of a window about a pixel.
  static func odd(_ value: Int, _ key: String, upTo limit: Int) throws {
    guard value % 2 == 1, (1...limit).contains(value) else {
      throw SettingsError(
        key: key, expected: "an odd number from 1 to \(limit)", received: "\(value)")
    }
  }

  /// One value for each channel, or one for all.
  static func bytes(_ values: [Int], _ key: String) throws {
    guard [1, 3, 4].contains(values.count), values.allSatisfy({ (0...255).contains($0) }) else {
      throw SettingsError(
        key: key, expected: "1, 3 or 4 numbers in 0…255", received: "\(values)")
    }
  }

  /// `values` for an image of `channels`: a single one is used for all.
  static func bytes(_ values: [Int], for channels: Int, _ key: String) throws -> [UInt8] {
    if values.count == 1 { return [UInt8](repeating: UInt8(values[0]), count: channels) }
    guard values.count == channels else {
      throw SettingsError(
        key: key, expected: "1 or \(channels) numbers for \(channels) channels",
        received: "\(values.count)")
    }
    return values.map { UInt8($0) }
  }

  /// An image with a number of channels that the op supports.
  static func channels(_ image: Image, _ known: [Int], _ op: String) throws {
    guard known.contains(image.channels) else {
      throw SettingsError(
        key: op,
        expected: "an image of \(known.map(String.init).joined(separator: " or ")) channels",
        received: "\(image.channels)")
    }
  }

  /// Statistics of as many channels as the image has.
  static func normalization(
    _ normalization: Normalization?, for image: Image
  ) throws -> Normalization {
    guard let normalization, normalization.mean.count == image.channels else {
      throw SettingsError(
        key: "normalize.mean", expected: "as many numbers as the image has channels",
        received: "\(normalization?.mean.count ?? 0) for \(image.channels)")
    }
    return normalization
  }

  /// The numbers of a matrix.
  static func matrix(_ values: [Double], of counts: [Int], _ key: String) throws {
    guard counts.contains(values.count), values.allSatisfy(\.isFinite) else {
      throw SettingsError(
        key: key,
        expected: "\(counts.filter { $0 > 0 }.map(String.init).joined(separator: " or ")) "
          + "finite numbers, row by row", received: "\(values)")
    }
  }
}
