import AthanorCore
import AthanorKernels

/// What a run, or a part of it, was trained with; nil is what its record does not say.
struct Machine: Equatable, Sendable {
  /// Athanor's.
  var version: String?
  var cpu: String?
  var cpus: Int?
  var threads: Int?

  /// This program on this machine, with the threads that it uses now.
  static var current: Machine {
    Machine(
      version: athanorVersion, cpu: Processor.name, cpus: Threads.availableCPUs,
      threads: Threads.count)
  }

  /// Those that a `summary.json` names, in the order in which they trained the run. One of an earlier
  /// version names none, and at most the threads.
  static func all(in summary: JSON) -> [Machine] {
    guard let list = summary["machines"]?.array, !list.isEmpty else {
      return [Machine(threads: summary["threads"]?.integer)]
    }
    return list.map {
      Machine(
        version: $0["version"]?.string, cpu: $0["cpu"]?.string, cpus: $0["cpus"]?.integer,
        threads: $0["threads"]?.integer)
    }
  }

  var json: JSON {
    func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
    func number(_ value: Int?) -> JSON { value.map { .integer($0) } ?? .null }
    return [
      "version": text(version), "cpu": text(cpu), "cpus": number(cpus),
      "threads": number(threads),
    ]
  }
}
