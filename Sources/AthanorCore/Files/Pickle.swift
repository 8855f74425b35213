/// A Python pickle read as data: nothing in it is imported or called.
///
/// Values refer to each other by their index, so that nesting and cycles take neither stack nor
/// memory; they are resolved only where they are read.
/// Source: Python, Lib/pickletools.py; protocols 2 to 5, without what plain data does not need.
struct Pickle {
  typealias Index = Int

  enum Value {
    case integer(Int)
    case text(String)
    case tuple([Index])
    /// Its elements are not stored.
    case list
    /// By its index in `dictionaries`.
    case dictionary(Int)
    /// A class or function, as `module.name`.
    case global(String)
    /// The call of a class or function with a tuple of arguments.
    case call(String, arguments: [Index])
    /// An object stored outside the pickle, by its persistent id.
    case persistent(Index)
    /// A value that is not stored, in words: `None`, `a number`.
    case other(String)

    /// For errors.
    var words: String {
      switch self {
      case .integer(let number): "the number \(number)"
      case .text(let text): "the text '\(text.prefix(80))'"
      case .tuple(let elements): "a tuple of \(elements.count)"
      case .list: "a list"
      case .dictionary: "a dictionary"
      case .global(let name): name
      case .call(let name, _): "what \(name) makes"
      case .persistent: "a persistent object"
      case .other(let words): words
      }
    }
  }

  /// Every value, in the order of the file.
  let values: [Value]
  /// The entries of every dictionary, `OrderedDict`s among them, in the order of the file.
  let dictionaries: [[(key: Index, value: Index)]]
  let root: Index

  static let orderedDictionary = "collections.OrderedDict"

  /// Reads a pickle that names no classes and functions but the given ones.
  ///
  /// Errors: `ContentError` naming the byte in `part` of the file: for an opcode or a name beyond
  /// these, a protocol above 5, a stack without the values that an opcode takes, and a cut pickle.
  init(_ bytes: [UInt8], globals: [String], file: String, part: String) throws {
    var reader = PickleReader(bytes: bytes, globals: globals, file: file, part: part)
    root = try reader.read()
    (values, dictionaries) = (reader.values, reader.dictionaries)
  }

  subscript(index: Index) -> Value { values[index] }

  /// The integers of a tuple; nil where it holds anything else.
  func integers(_ index: Index) -> [Int]? {
    guard case .tuple(let elements) = values[index] else { return nil }
    let integers = elements.compactMap { element -> Int? in
      if case .integer(let number) = values[element] { number } else { nil }
    }
    return integers.count == elements.count ? integers : nil
  }
}
