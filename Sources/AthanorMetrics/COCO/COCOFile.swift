import AthanorCore
import Foundation

/// A COCO file that does not say what it should: where, what was expected, what was there.
public struct COCOFileError: Error, Equatable, CustomStringConvertible {
  public var path: String
  /// `annotations[3].bbox`; empty for the file as a whole.
  public var key: String
  public var expected: String
  public var received: String

  public var description: String {
    "\(path): \(key.isEmpty ? "" : "\(key): ")expected \(expected), received \(received)"
  }
}

/// The keys that are read, under the names the format gives them.
struct TruthFile: Decodable {
  struct Image: Decodable {
    var id: COCOIdentifier
  }
  struct Category: Decodable {
    var id: COCOIdentifier
    var name: String?
  }
  struct Annotation: Decodable {
    var id: COCOIdentifier
    var image_id: COCOIdentifier
    var category_id: COCOIdentifier
    var bbox: [Double]
    var area: Double
    var iscrowd: Flag?
  }
  var images: [Image]
  var categories: [Category]
  var annotations: [Annotation]
}

struct ResultEntry: Decodable {
  var image_id: COCOIdentifier
  var category_id: COCOIdentifier
  var bbox: [Double]
  var score: Double
}

/// 0 or 1, false or true.
struct Flag: Decodable {
  var isSet: Bool

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let number = try? value.decode(Int.self) {
      isSet = number != 0
    } else {
      isSet = try value.decode(Bool.self)
    }
  }
}

extension [Double] {
  /// The four numbers of a box.
  func checked(at key: String, in path: String) throws -> [Double] {
    guard count == 4 else {
      throw COCOFileError(
        path: path, key: key, expected: "4 numbers (x, y, width, height)",
        received: "\(count)")
    }
    return self
  }
}

extension COCOFileError {
  /// Decodes a JSON file, with an error that names the file and the key.
  static func decoding<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
    let bytes = try AtomicFile.read(path)
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw COCOFileError(error, path: path, top: type == TruthFile.self ? .truth : .results)
    }
  }

  private enum Top: String {
    case truth = "an object with 'images', 'annotations' and 'categories'"
    case results = "an array of results"
  }

  private init(_ error: DecodingError, path: String, top: Top) {
    switch error {
    case .keyNotFound(let key, let context):
      self.init(
        path: path, key: Self.text(context.codingPath + [key]),
        expected: Self.expectation(of: key.stringValue), received: "nothing")
    case .valueNotFound(_, let context):
      self.init(
        path: path, key: Self.text(context.codingPath),
        expected: Self.expectation(of: context.codingPath.last?.stringValue), received: "null")
    case .typeMismatch(_, let context):
      let key = context.codingPath.last
      // Inside a box the last key is a place; the name before it says what is meant.
      let name = context.codingPath.last { $0.intValue == nil }
      self.init(
        path: path, key: Self.text(context.codingPath),
        expected: context.codingPath.isEmpty
          ? top.rawValue
          : key?.intValue != nil && name?.stringValue == "bbox"
            ? "a number"
            : key?.intValue != nil ? "an object" : Self.expectation(of: name?.stringValue),
        received: "another type")
    case .dataCorrupted(let context):
      let reason =
        (context.underlyingError as NSError?)?.userInfo[NSDebugDescriptionErrorKey] as? String
      self.init(
        path: path, key: Self.text(context.codingPath), expected: "JSON",
        received: reason ?? context.debugDescription)
    @unknown default:
      self.init(path: path, key: "", expected: top.rawValue, received: "\(error)")
    }
  }

  private static func text(_ path: [any CodingKey]) -> String {
    path.reduce("") { text, key in
      if let index = key.intValue { return "\(text)[\(index)]" }
      return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
    }
  }

  private static func expectation(of key: String?) -> String {
    switch key {
    case "images", "annotations", "categories": "an array of objects"
    case "bbox": "4 numbers (x, y, width, height)"
    case "id", "image_id", "category_id": "a whole number"
    case "iscrowd": "0 or 1"
    case "name": "text"
    default: "a number"
    }
  }
}
