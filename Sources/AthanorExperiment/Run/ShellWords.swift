/// A command for a POSIX shell: words that the shell would split or expand are put in single
/// quotes.
public func shellWords(_ words: [String]) -> String {
  words.map { word in
    let isPlain = word.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "@%+=:,./_-".unicodeScalars.contains($0)
    }
    return isPlain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }.joined(separator: " ")
}
