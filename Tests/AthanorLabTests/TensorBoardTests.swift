import AthanorCore
import AthanorLab
import AthanorVision
import Foundation
import Testing

/// A Python that has tensorboard, to read what we write: `ATHANOR_PYTHON`, where it has.
private let python: String? = {
  guard let path = ProcessInfo.processInfo.environment["ATHANOR_PYTHON"] else { return nil }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: path)
  process.arguments = ["-c", "import tensorboard"]
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return nil }
  process.waitUntilExit()
  return process.terminationStatus == 0 ? path : nil
}()

@Test func eventFilesAreCutWhereARunResumes() throws {
  let folder = try TemporaryFolder()
  let path = folder.file(EventFile.name)
  var lengths: [Int] = []
  do {
    let file = try EventFile(in: folder.path)
    for step in [10, 200, 3000] {
      try file.add([("loss", 1), ("mIoU", 0.5)], step: step)
      lengths.append(try AtomicFile.read(path).count)
    }
  }
  let whole = try AtomicFile.read(path)
  try Data(whole + [1, 2, 3]).write(to: URL(fileURLWithPath: path))
  _ = try EventFile(in: folder.path, resumingAfter: 3000)
  #expect(try AtomicFile.read(path) == whole)
  _ = try EventFile(in: folder.path, resumingAfter: 2999)
  #expect(try AtomicFile.read(path).count == lengths[1])
  _ = try EventFile(in: folder.path, resumingAfter: 10)
  #expect(try AtomicFile.read(path).count == lengths[0])
  _ = try EventFile(in: folder.path)
  #expect(try AtomicFile.read(path).count < lengths[0])
}

@Test(.enabled(if: python != nil, "set ATHANOR_PYTHON to a Python that has tensorboard"))
func tensorBoardReadsTheEvents() throws {
  let folder = try TemporaryFolder()
  let file = try EventFile(in: folder.path)
  try file.add([("loss/total", 2.5), ("val/mIoU", 0.75)], step: 1)
  try file.add([("loss/total", 1.25)], step: 300)
  let image = Image(width: 3, height: 2, channels: 3, filledWith: 200)
  try file.add(image, name: "val/overlay", step: 300)
  let process = Process()
  process.executableURL = URL(fileURLWithPath: python ?? "/usr/bin/false")
  process.arguments = [
    "-c",
    """
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    a = EventAccumulator('\(folder.path)'); a.Reload()
    print([(e.step, e.value) for e in a.Scalars('loss/total')], a.Tags()['images'],
      [(i.step, i.width, i.height, i.encoded_image_string[1:4]) for i in a.Images('val/overlay')])
    """,
  ]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  #expect(text == "[(1, 2.5), (300, 1.25)] ['val/overlay'] [(300, 3, 2, b'PNG')]\n")
}
