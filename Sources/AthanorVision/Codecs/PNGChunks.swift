import AthanorCore

/// Walks the chunks of a PNG and throws unless each is whole and the last is `IEND`.
///
/// libspng stops once the pixels are complete; files without the rest are refused here.
func checkChunks(_ bytes: UnsafeRawBufferPointer, _ name: String) throws {
  func word(_ position: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
  }
  var position = 8
  while position + 12 <= bytes.count {
    let length = Int(word(position))
    let type = UnsafeRawBufferPointer(rebasing: bytes[(position + 4)..<(position + 8)])
    guard type.allSatisfy({ (65...90).contains($0) || (97...122).contains($0) }) else {
      throw ContentError(
        path: name, expected: "an undamaged PNG image",
        received: "damaged data (an invalid chunk type at byte \(position + 4))")
    }
    guard length <= bytes.count - position - 12 else { break }
    if type.elementsEqual("IEND".utf8) {
      guard length == 0, word(position + 8) == 0xAE42_6082 else {
        throw ContentError(
          path: name, expected: "an undamaged PNG image",
          received: "damaged data (a wrong end chunk)")
      }
      return
    }
    position += 12 + length
  }
  throw ContentError(
    path: name, expected: "a whole PNG image",
    received: "\(bytes.count) bytes, cut off inside the chunk at byte \(min(position, bytes.count))"
  )
}
