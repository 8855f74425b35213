import AthanorCore
import Testing

enum Form: String, CaseIterable, Codable, Sendable { case kendall, liebel }

struct Inner: Codable, Equatable, Sendable, DefaultInitializable {
  var rate: Float = 0.1
  var steps: [Int] = [1, 2]
}

struct Everything: Codable, Equatable, Sendable, DefaultInitializable {
  var name = "run"
  var count = 3
  var rate = 0.5
  var on = true
  var form: Form = .kendall
  var limit: Double? = nil
  var text: String? = nil
  var byte: UInt8 = 7
  var inner = Inner()
  var list: [Inner] = []
  var maybe: Inner? = nil
  var loss = Selection("focal")
  var extra = Settings.null
  var tags: [String: Int] = [:]
}

func received(_ tree: Settings) -> String {
  do {
    _ = try tree.decoded(as: Everything.self)
    return "no error"
  } catch { return "\(error)" }
}

@Test func encodingWritesEveryKeyInOrder() throws {
  let entries = try Settings.entries(of: Everything())
  #expect(
    entries.map(\.key) == [
      "name", "count", "rate", "on", "form", "limit", "text", "byte", "inner", "list", "maybe",
      "loss", "extra", "tags",
    ])
  #expect(entries[5].value == .null)
  #expect(entries[6].value == .null)
  #expect(
    entries[8].value
      == .map([.init("rate", .number(0.1)), .init("steps", .list([.integer(1), .integer(2)]))]))
  #expect(entries[10].value == .null)
  #expect(entries[11].value == .selection(name: "focal", options: []))
}

@Test func decodingReversesEncoding() throws {
  var value = Everything()
  value.limit = 2
  value.maybe = Inner(rate: 3, steps: [])
  value.list = [Inner(rate: 0.3)]
  value.form = .liebel
  value.loss = Selection("dice", [.init("smooth", .number(1))])
  value.extra = .list([.string("a"), .null])
  value.tags = ["a": 1]
  #expect(try Settings(encoding: value).decoded(as: Everything.self) == value)
}

@Test func optionsOverlayDefaults() throws {
  let given: [Settings.Entry] = [
    .init("rate", .integer(2)), .init("inner", .map([.init("rate", .integer(1))])),
    .init("list", .list([.map([.init("steps", .list([]))])])),
    .init("maybe", .map([.init("rate", .number(4))])), .init("limit", .integer(5)),
    .init("loss", .map([.init("name", .string("dice")), .init("smooth", .integer(1))])),
    .init("tags", .map([.init("x", .integer(1))])),
  ]
  let value = try Settings.options(Everything.self, from: given, at: "top")
  #expect(value.rate == 2)
  #expect(value.inner == Inner(rate: 1))
  #expect(value.list == [Inner(rate: 0.1, steps: [])])
  #expect(value.maybe == Inner(rate: 4))
  #expect(value.limit == 5)
  #expect(value.loss == Selection("dice", [.init("smooth", .integer(1))]))
  #expect(value.tags == ["x": 1])
}

@Test(arguments: [
  (
    Settings.Entry("cuont", .integer(1)),
    "cuont: expected a known key (name, count, rate, on, form, limit, text, byte, inner, list, maybe, loss, extra, tags), received 'cuont' (did you mean 'count'?)"
  ),
  (.init("count", .string("abc")), "count: expected an integer, received 'abc'"),
  (.init("count", .number(3)), "count: expected an integer, received the number 3.0"),
  (.init("rate", .list([])), "rate: expected a number, received a list"),
  (.init("on", .integer(1)), "on: expected true or false, received the number 1"),
  (.init("name", .integer(1)), "name: expected text, received the number 1"),
  (.init("name", .null), "name: expected text, received nothing (null)"),
  (
    .init("byte", .integer(256)), "byte: expected an integer from 0 to 255, received the number 256"
  ),
  (
    .init("form", .string("kendal")),
    "form: expected one of kendall, liebel, received 'kendal' (did you mean 'kendall'?)"
  ),
  (.init("inner", .integer(1)), "inner: expected a map of keys and values, received the number 1"),
  (
    .init("inner", .map([.init("rate", .string("x"))])),
    "inner.rate: expected a number, received 'x'"
  ),
  (
    .init("list", .list([.map([]), .map([.init("rat", .integer(1))])])),
    "list[1].rat: expected a known key (rate, steps), received 'rat' (did you mean 'rate'?)"
  ),
  (.init("limit", .string("x")), "limit: expected a number, received 'x'"),
  (
    .init("loss", .list([])), "loss: expected a name, or a map with the key 'name', received a list"
  ),
  (
    .init("maybe", .map([.init("steps", .list([.string("a")]))])),
    "maybe.steps[0]: expected an integer, received 'a'"
  ),
])
func decodingErrorsNameTheKey(entry: Settings.Entry, message: String) {
  #expect(received(.map([entry])) == message)
}

@Test func mergingChecksKindsAndKeys() throws {
  let defaults = Settings.map([
    .init("a", .number(1)), .init("b", .null), .init("c", .selection(name: "x", options: [])),
    .init("d", .list([.integer(1)])),
  ])
  let merged = try defaults.merged(
    with: .map([
      .init("a", .integer(2)), .init("b", .string("t")), .init("c", .string("y")),
      .init("d", .list([])),
    ]), at: "")
  #expect(
    merged
      == .map([
        .init("a", .number(2)), .init("b", .string("t")),
        .init("c", .selection(name: "y", options: [])), .init("d", .list([])),
      ]))
  #expect(throws: SettingsError(key: "k.a", expected: "a number", received: "'x'")) {
    try defaults.merged(with: .map([.init("a", .string("x"))]), at: "k")
  }
  #expect(throws: SettingsError.self) { try defaults.merged(with: .list([]), at: "k") }
}

private struct Thing: Registered {
  struct Options: Codable, Sendable, DefaultInitializable {
    var gamma: Double = 2
    var weights: [Double]? = nil
  }
  static let name = "thing"
  static let summary = "A thing."
  static let source = "–"
  let gamma: Double
  init(_ options: Options) throws {
    guard options.gamma > 0 else {
      throw SettingsError(key: "gamma", expected: "more than 0", received: "\(options.gamma)")
    }
    gamma = options.gamma
  }
}

@Test func registryBuildsResolvesAndExplains() throws {
  let registry = Registry<Double>(kind: "thing", [.init(Thing.self) { $0.gamma }])
  #expect(try registry.make(Selection("thing", [.init("gamma", .integer(3))]), at: "loss") == 3)
  #expect(
    try registry.resolved(Selection("thing"), at: "loss")
      == Selection("thing", [.init("gamma", .number(2)), .init("weights", .null)]))
  #expect(
    throws: SettingsError(key: "loss.gamma", expected: "more than 0", received: "-1.0")
  ) {
    try registry.make(Selection("thing", [.init("gamma", .integer(-1))]), at: "loss")
  }
  #expect(
    throws: SettingsError(
      key: "loss", expected: "a thing (thing)", received: "'thin'", suggestion: "thing")
  ) {
    try registry.make(Selection("thin"), at: "loss")
  }
}

/// Options that are those of two types in one map.
private struct Joined: Codable, Equatable, DefaultInitializable {
  var first = Inner()
  var second = Second()

  struct Second: Codable, Equatable, DefaultInitializable { var name = "x" }

  init() {}

  init(from decoder: any Decoder) throws {
    first = try Inner(from: decoder)
    second = try Second(from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    try first.encode(to: encoder)
    try second.encode(to: encoder)
  }
}

@Test func twoTypesShareOneMap() throws {
  #expect(try Settings.entries(of: Joined()).map(\.key) == ["rate", "steps", "name"])
  let given = Settings.map([.init("name", .string("y")), .init("rate", .number(2))])
  let joined = try given.decoded(as: Joined.self)
  #expect(joined.second.name == "y" && joined.first.rate == 2)
  #expect(throws: SettingsError.self) {
    try Settings.map([.init("nam", .string("y"))]).decoded(as: Joined.self)
  }
}
