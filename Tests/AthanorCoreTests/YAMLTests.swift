import AthanorCore
import Testing

private func parse(_ text: String) throws -> Settings {
  try YAMLDocument(parsing: text, file: "c.yaml").settings
}

private func message(_ text: String) -> String {
  do { return "\(try parse(text))" } catch { return "\(error)" }
}

@Test(arguments: [
  ("1", Settings.integer(1)), ("-7", .integer(-7)), ("0x1F", .integer(31)), ("1.0", .number(1)),
  ("1e-3", .number(0.001)), (".5", .number(0.5)), (".inf", .number(.infinity)),
  ("true", .bool(true)),
  ("yes", .string("yes")), ("null", .null), ("~", .null), ("'1'", .string("1")),
  ("nan", .string("nan")),
  ("infinity", .string("infinity")), ("1.2.3", .string("1.2.3")), ("e", .string("e")),
  ("", .map([])), ("[1, a]", .list([.integer(1), .string("a")])),
  ("a: ", .map([.init("a", .null)])),
])
func plainScalarsFollowTheCoreSchema(text: String, expected: Settings) throws {
  #expect(try parse(text) == expected)
}

@Test(arguments: [
  ("a: &x 1\nb: *x\n", "c.yaml:2: aliases ('*name') are not supported"),
  ("a: &x 1\n", "c.yaml:1: anchors ('&name') are not supported"),
  ("a: 1\nb: 2\na: 3\n", "c.yaml:1: the key 'a' stands in one map twice"),
  (
    "a: [1, 2\n",
    "c.yaml:2: not YAML: did not find expected ',' or ']' while parsing a flow sequence"
  ),
  ("a: !!python/object x\n", "c.yaml:1: tags ('!name') are not supported"),
  ("? [a]\n: 1\n", "c.yaml:1: keys must be names"),
  (
    "a: 1\n---\nb: 2\n",
    "c.yaml:2: not YAML: but found another document expected a single document in the stream"
  ),
])
func refusesYAMLItDoesNotTake(text: String, expected: String) {
  #expect(message(text) == expected)
}

@Test func refusesDeepAndExplodingYAML() {
  #expect(
    message(String(repeating: "[", count: 60) + String(repeating: "]", count: 60)).contains("50"))
  #expect(message(String(repeating: "[", count: 100_000)).hasPrefix("c.yaml"))
  #expect(message(String(repeating: "- ", count: 5000)).hasPrefix("c.yaml"))
  var bomb = "a0: &a0 [x, x]\n"
  for i in 1..<40 { bomb += "a\(i): &a\(i) [*a\(i - 1), *a\(i - 1)]\n" }
  #expect(message(bomb).contains("aliases"))
  #expect(message("a: 'x # *y'\nb: 2 *3 # *z\nc: \"- *x\"").contains("2 *3"))
}

@Test func writesYAMLThatReadsBack() throws {
  let tree = Settings.map([
    .init("text", .string("yes")), .init("plain", .string("runs/a b-1")), .init("n", .number(1)),
    .init("small", .number(1e-7)), .init("none", .null), .init("odd: key", .string("a: b #c\n")),
    .init("list", .list([.integer(1), .string("2")])), .init("empty", .list([])),
    .init("nested", .list([.list([.integer(1)]), .list([])])),
    .init(
      "maps",
      .list([.map([.init("a", .integer(1)), .init("b", .map([.init("c", .bool(false))]))])])),
    .init("nothing", .map([])),
  ])
  #expect(try parse(tree.yaml) == tree)
  let selections = Settings.map([
    .init("loss", .selection(name: "focal", options: [])),
    .init("other", .selection(name: "dice", options: [.init("smooth", .integer(1))])),
    .init("steps", .list([.selection(name: "flip", options: [.init("p", .number(0.5))])])),
  ])
  #expect(
    selections.yaml == """
      loss: focal
      other:
        name: dice
        smooth: 1
      steps:
        - name: flip
          p: 0.5

      """)
}
