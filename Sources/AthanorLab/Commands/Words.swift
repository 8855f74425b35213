import AthanorCore
import AthanorKernels

/// What to say of a word that is none of `names`, with the nearest one.
public func unknownWord(_ word: String, kind: String, among names: [String]) -> String {
  let hint = nearestName(to: word, among: names).map { " (did you mean '\($0)'?)" } ?? ""
  return "expected a \(kind) (\(names.joined(separator: ", "))), received '\(word)'\(hint)"
}

/// The CPUs that this process may use.
public var availableCPUs: Int { Threads.availableCPUs }

/// Sets the CPU threads of everything that computes; nil leaves all.
public func useThreads(_ count: Int?) {
  if let count { Threads.count = count }
}
