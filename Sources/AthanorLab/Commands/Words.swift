import AthanorCore
import AthanorKernels
import CResources

/// What to say of a word that is none of `names`, with the nearest one.
public func unknownWord(_ word: String, kind: String, among names: [String]) -> String {
  let hint = nearestName(to: word, among: names).map { " (did you mean '\($0)'?)" } ?? ""
  return "expected a \(kind) (\(names.joined(separator: ", "))), received '\(word)'\(hint)"
}

/// The CPUs that this process may use.
public var availableCPUs: Int { Threads.availableCPUs }

/// The thread counts that can be asked for.
public let threadCounts = 1...1024

/// Sets the CPU threads of everything that computes; nil leaves all.
public func useThreads(_ count: Int?) {
  guard let count else { return }
  Threads.count = count
  if Threads.count < count {
    Terminal.error.write(
      "warning: \(Threads.count) of \(count) threads: the system grants no more\n")
  }
}

/// Tells of memory or stack that runs out by a sentence and exit code 1, from now on.
public func watchResources() { athanor_watch_resources() }
