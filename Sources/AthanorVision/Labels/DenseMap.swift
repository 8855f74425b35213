/// A label of numbers, channels last: depth (one channel) or normals (three), of the image's size.
public struct DenseMap: Equatable, Sendable {
  public let width: Int
  public let height: Int
  public let channels: Int
  public var values: [Float]

  public init(width: Int, height: Int, channels: Int, values: [Float]) {
    precondition(
      values.count == width * height * channels,
      "DenseMap: \(values.count) values for \(width)×\(height)×\(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.values = values
  }
}
