import AthanorCore
import AthanorData
import AthanorVision
import Foundation
import Testing

/// One labelled set of scenes written in every layout and spelling: all must read back equal.
@Suite struct EveryLayoutTests {
  @Test(arguments: Spelling.all)
  func readsBackEqual(_ spelling: Spelling) throws {
    let folder = TemporaryFolder()
    try spelling.write(folder)
    let selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == spelling.layout)
    let reading = try Reading(folder)
    #expect(reading.damaged.isEmpty, "\(reading.damaged)")
    #expect(Set(reading.scenes.keys) == Set(Scene.all.map(\.letter)))
    for scene in Scene.all {
      let wanted = scene.seen(spelling)
      let found = reading.scenes[scene.letter]
      #expect(found?.mask == wanted.mask, "mask of \(scene.letter)")
      #expect(found?.boxes == wanted.boxes, "boxes of \(scene.letter)")
      #expect(found?.category == wanted.category, "class of \(scene.letter)")
      if spelling.isDivided { #expect(reading.splits[scene.letter] == scene.split) }
    }
  }

  /// One file after the other is damaged: what then reads otherwise must be told of.
  @Test(arguments: Spelling.all)
  func damageIsNeverSilent(_ spelling: Spelling) throws {
    let folder = TemporaryFolder()
    try spelling.write(folder)
    let usual = try Reading(folder).told
    for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() {
      let path = "\(folder.path)/\(file)"
      guard DataTree.isFile(path) else { continue }
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      for damage in Damage.allCases where damage.isWrong(for: file, in: spelling.layout) {
        try damage.apply(to: path, whole)
        do {
          let reading = try Reading(folder)
          for scene in Scene.all where reading.told.isSubset(of: usual) {
            let wanted = scene.seen(spelling)
            let isSame = reading.scenes[scene.letter] == wanted
            #expect(isSame, "\(damage) \(file): \(scene.letter) is read otherwise in silence")
          }
        } catch {}
        try? FileManager.default.removeItem(atPath: path)
        try whole.write(to: URL(fileURLWithPath: path))
      }
    }
  }
}

/// What is read of a folder, and told of it.
private struct Reading {
  /// By the letters of the scenes.
  var scenes: [String: Scene.Seen] = [:]
  var splits: [String: Split] = [:]
  let damaged: [DataReport.Damaged]
  /// What is said to be damaged, left out or without some label.
  var told: Set<String> = []

  init(_ folder: TemporaryFolder) throws {
    let source = try datasets.make(recogniseLayout(of: folder.path), at: "data")
    let report = try inspect(source)
    damaged = report.damaged
    told = Set(damaged.map(\.problem))
    for labelled in [report.splits.map(\.masks), report.splits.map(\.boxed)] {
      let count = labelled.reduce(0, +)
      if 0 < count, count < report.splits.reduce(0, { $0 + $1.samples }) { told.insert("labels") }
    }
    for split in try source.splits() {
      let dataset = try source.open(split)
      told.formUnion(dataset.warnings.all.map(\.kind))
      for index in 0..<dataset.count {
        guard let sample = try? dataset.sample(at: index) else { continue }
        // Whatever stands around it, the scene's own letter ends its name.
        let letter = String(dataset.name(at: index).split(separator: "/").last!.prefix(1))
        scenes[letter] = Scene.Seen(sample, dataset.classes)
        splits[letter] = split
      }
    }
  }
}
