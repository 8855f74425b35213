/// The markers of a JPEG file before its first scan.
struct JPEGHeader {
  var width = 0
  var height = 0
  var precision = 8
  var components = 0
  var isArithmetic = false
  var orientation = 1
  /// Whether the markers were read to the first scan: the start of a file may end before it.
  var isComplete = false

  /// Reads the markers up to the first scan, or `nil` where none with a size is found.
  init?(_ bytes: UnsafeRawBufferPointer) {
    var position = 2
    var sawApp1 = false
    while true {
      // A marker is 0xFF, any number of fill bytes 0xFF, then its code.
      guard let found = bytes[min(position, bytes.count)...].firstIndex(of: 0xFF) else { break }
      position = found
      while position < bytes.count, bytes[position] == 0xFF { position += 1 }
      guard position < bytes.count else { break }
      let code = bytes[position]
      position += 1
      if code == 0 || code == 0x01 || (0xD0...0xD8).contains(code) { continue }
      if code == 0xD9 || code == 0xDA {
        isComplete = true
        break
      }
      guard position + 1 < bytes.count else { break }
      let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
      guard length >= 2, position + length <= bytes.count else { break }
      let body = UnsafeRawBufferPointer(rebasing: bytes[(position + 2)..<(position + length)])
      switch code {
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
        guard body.count >= 6 else { return nil }
        precision = Int(body[0])
        height = Int(body[1]) << 8 | Int(body[2])
        width = Int(body[3]) << 8 | Int(body[4])
        components = Int(body[5])
        isArithmetic = code >= 0xC9
      case 0xE1 where !sawApp1:
        // OpenCV takes the first APP1 segment and skips the six bytes of "Exif\0\0".
        sawApp1 = true
        if body.count > 6 {
          orientation = exifOrientation(UnsafeRawBufferPointer(rebasing: body[6...]))
        }
      default: break
      }
      position += length
    }
    if components == 0 { return nil }
  }
}
