import AthanorCore
import Foundation

/// Decodes a JSON file. Throws `FileError`, or `DatasetError` with the place of the mistake.
func decodeJSON<T: Decodable>(_ type: T.Type, from path: String) throws -> T {
  let bytes = try AtomicFile.read(path)
  do {
    return try JSONDecoder().decode(type, from: Data(bytes))
  } catch let error as DecodingError {
    let (expected, received, context): (String, String, DecodingError.Context)
    switch error {
    case .typeMismatch(let type, let found):
      (expected, received, context) = ("\(type)", found.debugDescription, found)
    case .valueNotFound(let type, let found):
      (expected, received, context) = ("\(type)", "null", found)
    case .keyNotFound(let key, let found):
      (expected, received, context) = ("the key '\(key.stringValue)'", "none", found)
    case .dataCorrupted(let found):
      (expected, received, context) = ("JSON", found.debugDescription, found)
    @unknown default:
      throw DatasetError(path: path, expected: "JSON", received: "\(error)")
    }
    let place = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
      .joined()
    throw DatasetError(
      path: path, expected: expected + (place.isEmpty ? "" : " at \(place)"), received: received)
  }
}
