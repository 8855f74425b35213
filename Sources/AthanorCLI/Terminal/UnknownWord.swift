import AthanorCore

/// The message for a word that is not one of `names`, with the nearest name.
func unknownWord(_ word: String, kind: String, among names: [String]) -> String {
  let hint = nearestName(to: word, among: names).map { " (did you mean '\($0)'?)" } ?? ""
  return "expected a \(kind) (\(names.joined(separator: ", "))), received '\(word)'\(hint)"
}
