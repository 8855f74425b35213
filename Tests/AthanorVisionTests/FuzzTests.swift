import AthanorCore
import AthanorVision
import Foundation
import Testing

/// Damaged files of every kind: the reader returns OpenCV's pixels or throws, soon and in bounded
/// memory.
///
/// `ATHANOR_FUZZ=100000` sets the number of files, `ATHANOR_FUZZ_SEED` the seed. The file being
/// decoded stands in `athanor-fuzz.bin` of the temporary folder, in case decoding it is the end.
@Suite("Fuzzing the codecs", .serialized)
struct FuzzTests {
  static let count = number("ATHANOR_FUZZ") ?? 2000
  static let seed = number("ATHANOR_FUZZ_SEED") ?? 1
  /// What the process may grow by, a sanitizer's share included.
  static let memoryLimit = 512 << 20

  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }

  @Test func damagedFilesAreReadOrRefused() throws {
    let edges = try dataFiles("edge_images", Array(ImageKind.allExtensions)).map {
      try AtomicFile.read($0)
    }
    let mutator = Mutator(originals: edges.filter { !$0.isEmpty } + (try generatedFiles()))
    let current = NSTemporaryDirectory() + "/athanor-fuzz.bin"
    let memory = peakMemory()
    let start = ContinuousClock.now
    var (read, refused, endless, slowest) = (0, 0, 0, (seconds: 0.0, file: 0))
    defer { alarm(0) }
    for i in 0..<Self.count {
      let bytes = mutator.file(Self.seed, i)
      #expect(FileManager.default.createFile(atPath: current, contents: Data(bytes)))
      alarm(60)
      let began = cpuSeconds()
      let outcomes = decode(bytes)
      let seconds = cpuSeconds() - began
      if seconds > slowest.seconds { slowest = (seconds, i) }
      read += outcomes.read.count
      refused += outcomes.refused
      let comparison = compare(outcomes.read, bytes)
      endless += comparison.isEndless ? 1 : 0
      if let problem = outcomes.problem ?? comparison.problem
        ?? (seconds > 1 ? "\(fixed(seconds, 2)) s" : nil)
      {
        let kept = NSTemporaryDirectory() + "/athanor-fuzz-\(Self.seed)-\(i).bin"
        try Data(bytes).write(to: URL(fileURLWithPath: kept))
        Issue.record("seed \(Self.seed), file \(i), kept as \(kept): \(problem)")
      }
    }
    let growth = peakMemory() - memory
    print(
      "fuzz: \(Self.count) files, seed \(Self.seed): \(read) reads, \(refused) refusals,",
      "\(endless) without OpenCV,",
      "\(fixed((ContinuousClock.now - start) / .seconds(1), 1)) s, slowest file \(slowest.file)",
      "\(fixed(slowest.seconds, 3)) s, \(growth >> 20) MiB more memory at most")
    #expect(growth < Self.memoryLimit)
    #expect(read > 0 && endless * 50 <= read)
  }

  private struct Outcomes {
    var read: [(mode: ReadMode, image: Image)] = []
    var refused = 0
    var problem: String?
  }

  /// Reads the file in every way, its header alone among them.
  private func decode(_ bytes: [UInt8]) -> Outcomes {
    var outcomes = Outcomes()
    let ways: [(ReadMode, Int)] = [
      (.color, 0), (.color, Image.pixelLimit), (.gray, Image.pixelLimit),
      (.indices, Image.pixelLimit),
    ]
    for (mode, limit) in ways {
      do {
        let image = try Image(encoded: bytes, name: "fuzz", as: mode, pixelLimit: limit)
        outcomes.read.append((mode, image))
        if image.width * image.height > limit { outcomes.problem = "read beyond the limit" }
      } catch let error as ContentError {
        outcomes.refused += 1
        if error.path != "fuzz" { outcomes.problem = "the error names \(error.path)" }
      } catch {
        outcomes.problem = "another error: \(error)"
      }
    }
    return outcomes
  }

  /// How images differ from what OpenCV reads. OpenCV refuses a PNG whose compressed data lacks its
  /// end after the last pixel, and TIFFs of 2 or 4 bits, which are read here: those are counted.
  private func compare(
    _ read: [(mode: ReadMode, image: Image)], _ bytes: [UInt8]
  ) -> (problem: String?, isEndless: Bool) {
    for (mode, image) in read where mode != .indices {
      guard let reference = referenceDecode(bytes, gray: mode == .gray) else {
        if [.png, .tiff].contains(ImageKind(startingWith: bytes)) { return (nil, true) }
        return ("read as \(mode), but OpenCV refuses it", false)
      }
      // OpenCV 4.6 mirrors the tiles of a TIFF one by one.
      if TIFFFile.isTiled(bytes) { continue }
      if let difference = firstDifference(image, reference) {
        return ("\(mode): \(difference)", false)
      }
    }
    return (nil, false)
  }
}

/// CPU seconds of the calling thread.
func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The most memory that this process has held, in bytes.
func peakMemory() -> Int {
  var usage = rusage()
  getrusage(numericCast(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1024
}
