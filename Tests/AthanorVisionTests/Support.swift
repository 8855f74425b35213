import AthanorCore
import AthanorVision
import CppReference
import Foundation

/// The folder of public test data, where it is present.
let dataFolder: String? = {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let candidates: [String?] = [
    ProcessInfo.processInfo.environment["ATHANOR_DATA"],
    root.appendingPathComponent("../shared/data").path,
  ]
  return candidates.compactMap(\.self).first { FileManager.default.fileExists(atPath: $0) }
}()

/// Files under `folder` of the test data, in a fixed order.
func dataFiles(_ folder: String, _ extensions: [String]) -> [String] {
  guard let dataFolder, let walk = FileManager.default.enumerator(atPath: "\(dataFolder)/\(folder)")
  else { return [] }
  return walk.compactMap { $0 as? String }
    .filter { name in extensions.contains { name.hasSuffix(".\($0)") } }
    .map { "\(dataFolder)/\(folder)/\($0)" }.sorted()
}

/// What OpenCV reads from encoded bytes, or `nil` where it refuses.
func referenceDecode(_ bytes: [UInt8], gray: Bool) -> Image? {
  var out = cppref_output()
  guard cppref_imdecode(bytes, bytes.count, gray ? 1 : 0, &out) == 0 else { return nil }
  defer { cppref_free(out.data) }
  let count = Int(out.width) * Int(out.height) * Int(out.channels)
  return Image(
    width: Int(out.width), height: Int(out.height), channels: Int(out.channels),
    pixels: Array(UnsafeBufferPointer(start: out.data, count: count)))
}

/// The file that OpenCV makes of an image, with parameters of `cv::ImwriteFlags`.
func referenceEncode(
  _ image: Image, _ ending: String, bits: Int = 8, _ parameters: [Int32] = []
) throws -> [UInt8] {
  var out = cppref_output()
  // A 16-bit image is handed over as one of twice the width in bytes.
  let width = image.width * 8 / bits
  let status = image.pixels.withUnsafeBufferPointer { pixels in
    cppref_imencode(
      ending,
      cppref_image(
        data: pixels.baseAddress, width: Int32(width), height: Int32(image.height),
        channels: Int32(image.channels), stride: image.width * image.channels),
      Int32(bits), parameters, parameters.count, &out)
  }
  guard status == 0 else {
    throw ContentError(
      path: ending, expected: "a file", received: String(cString: cppref_last_error()))
  }
  defer { cppref_free(out.data) }
  return Array(UnsafeBufferPointer(start: out.data, count: Int(out.width)))
}

/// Says where two images differ first, or `nil` where they are equal.
func firstDifference(_ ours: Image, _ reference: Image) -> String? {
  guard
    (ours.width, ours.height, ours.channels)
      == (reference.width, reference.height, reference.channels)
  else {
    return "size \(ours.width)×\(ours.height)×\(ours.channels), reference "
      + "\(reference.width)×\(reference.height)×\(reference.channels)"
  }
  guard
    let i = zip(ours.pixels, reference.pixels).enumerated().first(where: { $1.0 != $1.1 })?
      .offset
  else { return nil }
  let pixel = i / ours.channels
  let count = zip(ours.pixels, reference.pixels).count { $0 != $1 }
  return "\(count) of \(ours.pixels.count) bytes differ, first at x \(pixel % ours.width), "
    + "y \(pixel / ours.width), channel \(i % ours.channels): \(ours.pixels[i]), "
    + "reference \(reference.pixels[i])"
}

func randomImage(width: Int, height: Int, channels: Int, seed: Int) -> Image {
  var generator = Generator(seed)
  return Image(
    width: width, height: height, channels: channels,
    pixels: (0..<(width * height * channels)).map { _ in
      UInt8(truncatingIfNeeded: generator.next() >> 20)
    })
}
