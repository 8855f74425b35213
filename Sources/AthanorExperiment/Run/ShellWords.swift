/// A command as a POSIX shell reads it: a word that the shell would take apart, or put something in the
/// place of, stands in single quotes.
public func shellWords(_ words: [String]) -> String {
  words.map { word in
    let isPlain = word.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "@%+=:,./_-".unicodeScalars.contains($0)
    }
    return isPlain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }.joined(separator: " ")
}
