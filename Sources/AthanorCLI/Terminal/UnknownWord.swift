import AthanorCore

/// What to say of a word that is none of `names`, with the nearest one.
func unknownWord(_ word: String, kind: String, among names: [String]) -> String {
  let hint = nearestName(to: word, among: names).map { " (did you mean '\($0)'?)" } ?? ""
  return "expected a \(kind) (\(names.joined(separator: ", "))), received '\(word)'\(hint)"
}
