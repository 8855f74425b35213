import Foundation

/// Coverage-guided fuzzing of one reader by libFuzzer, whose options are the arguments.
///
/// `ATHANOR_FUZZ_READER` names the reader, so that libFuzzer can start itself again. `seeds FOLDER`
/// writes what each reader starts from instead, and prints the readers' names.
@main
struct AthanorFuzz {
  static func main() throws {
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "seeds" {
      for reader in readers { try writeSeeds(of: reader, to: CommandLine.arguments[2]) }
      return
    }
    let name = ProcessInfo.processInfo.environment["ATHANOR_FUZZ_READER"] ?? ""
    guard let chosen = readers.first(where: { $0.name == name }) else {
      print("ATHANOR_FUZZ_READER: expected \(readers.map(\.name)), received '\(name)'")
      exit(EX_USAGE)
    }
    reader = chosen
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    let status = runFuzzer(&count, &arguments) { start, count in
      reader.accept([UInt8](UnsafeBufferPointer(start: start, count: count)))
      return 0
    }
    exit(status)
  }

  private static func writeSeeds(of reader: Reader, to folder: String) throws {
    let place = "\(folder)/\(reader.name)"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    for (i, seed) in try reader.seeds().enumerated() {
      try Data(seed).write(to: URL(fileURLWithPath: "\(place)/seed-\(i)"))
    }
    print(reader.name)
  }
}

/// Of this process; libFuzzer's callback cannot hold it.
nonisolated(unsafe) private var reader = readers[0]

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
