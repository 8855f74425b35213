/// A tree is encoded and decoded unchanged by `Settings(encoding:)` and
/// `Settings.decoded(as:)`; other formats have their own readers and writers.
extension Settings: Codable {
  public init(from decoder: any Decoder) throws { throw foreign(decoder.codingPath) }

  public func encode(to encoder: any Encoder) throws {
    throw EncodingError.invalidValue(
      self, .init(codingPath: encoder.codingPath, debugDescription: "not a tree of settings"))
  }
}

/// A selection encodes to `.selection` and decodes from that, from a name, or from a map
/// with `name`.
extension Selection: Codable {
  public init(from decoder: any Decoder) throws { throw foreign(decoder.codingPath) }

  public func encode(to encoder: any Encoder) throws {
    throw EncodingError.invalidValue(
      self, .init(codingPath: encoder.codingPath, debugDescription: "not a tree of settings"))
  }
}

/// Named selections encode to `.dictionary` and decode from that, or from a list of names.
extension NamedSelections: Codable {
  public init(from decoder: any Decoder) throws { throw foreign(decoder.codingPath) }

  public func encode(to encoder: any Encoder) throws {
    throw EncodingError.invalidValue(
      self, .init(codingPath: encoder.codingPath, debugDescription: "not a tree of settings"))
  }
}

private func foreign(_ path: [any CodingKey]) -> DecodingError {
  .dataCorrupted(.init(codingPath: path, debugDescription: "settings are read from settings only"))
}
