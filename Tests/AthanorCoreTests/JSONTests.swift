import AthanorCore
import Testing

@Test func readsAndWritesJSON() throws {
  let text = #"{"a":[1,-2.5,1e3,true,null],"b":{"c":"x\n\u00e9\ud83d\ude00"},"empty":[],"none":{}}"#
  let value = try JSON(parsing: text)
  #expect(value["a"]?.array?[0].integer == 1)
  #expect(value["a"]?.array?[2].number == 1000)
  #expect(value["b"]?["c"]?.string == "x\né😀")
  #expect(try JSON(parsing: value.compact) == value)
  #expect(try JSON(parsing: value.pretty) == value)
  #expect(JSON.number(.nan).compact == "null")
  #expect(JSON.number(0.1).compact == "0.1")
  let tidy: JSON = ["a": 1, "b": [1, 2], "c": ["d": "e"]]
  #expect(tidy.pretty == "{\n  \"a\": 1,\n  \"b\": [1, 2],\n  \"c\": {\n    \"d\": \"e\"\n  }\n}")
}

@Test(arguments: [
  ("", "line 1:1: expected a value, received the end of the text"),
  ("[1,]", "line 1:4: expected a value, received ']'"),
  ("{\"a\":1,\n\"a\":2}", "line 2:1: expected each key once, received 'a' again"),
  ("{a:1}", "line 1:2: expected a key in double quotes, received 'a'"),
  ("[01]", "line 1:3: expected ',' or ']', received '1'"),
  ("[1] x", "line 1:5: expected the end of the text, received 'x'"),
  ("\"abc", "line 1:1: expected '\"' at the end of the text that began here, received '\"'"),
  ("[1e999]", "line 1:2: expected a number that fits 64 bits, received 1e999"),
  ("\"\\ud800\"", "line 1:8: expected a pair of surrogates, received half of one"),
  ("nul", "line 1:1: expected 'null', received 'n'"),
])
func refusesWhatIsNotJSON(text: String, message: String) {
  #expect(throws: JSONError.self) { try JSON(parsing: text) }
  do { _ = try JSON(parsing: text) } catch { #expect("\(error)" == message) }
}

@Test func refusesDeepJSON() {
  #expect(throws: JSONError.self) {
    try JSON(parsing: String(repeating: "[", count: 100_000))
  }
}
