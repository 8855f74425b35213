import AthanorCore
import AthanorKernels

/// The machine and program that trained a run, or a part of it; nil where the record has no value.
package struct Machine: Codable, Equatable, Sendable {
  /// The version of Athanor.
  package var version: String?
  package var cpu: String?
  package var cpus: Int?
  package var threads: Int?
  /// The compute libraries, with their versions.
  package var libraries: String?

  /// This program on this machine, with its current number of threads.
  package static var current: Machine {
    Machine(
      version: athanorVersion, cpu: Processor.name, cpus: Threads.availableCPUs,
      threads: Threads.count, libraries: Libraries.description)
  }

  package var json: [JSON.Member] {
    func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
    func number(_ value: Int?) -> JSON { value.map { .integer($0) } ?? .null }
    return [
      .init("version", text(version)), .init("cpu", text(cpu)), .init("cpus", number(cpus)),
      .init("threads", number(threads)), .init("libraries", text(libraries)),
    ]
  }
}

extension Machine {
  /// Reads the machine from a record.
  package init(_ record: JSON) {
    version = record["version"]?.string
    cpu = record["cpu"]?.string
    cpus = record["cpus"]?.integer
    threads = record["threads"]?.integer
    libraries = record["libraries"]?.string
  }
}
