/// The orientation (1…8) in EXIF data, or 1 without one.
///
/// `data` starts at the TIFF header. Entries are read in order and a malformed one ends the
/// reading, as in `cv::imread`.
///
/// Source: CIPA DC-008 (Exif 2.32), 4.6.2 and tag 0x0112; OpenCV 4.6 for the malformed cases.
func exifOrientation(_ data: UnsafeRawBufferPointer) -> Int {
  var reader = ExifReader(data)
  return reader.orientation() ?? 1
}

private struct ExifReader {
  let data: UnsafeRawBufferPointer
  let littleEndian: Bool

  init(_ data: UnsafeRawBufferPointer) {
    self.data = data
    littleEndian = data.count > 1 && data[0] == 0x49 && data[1] == 0x49
  }

  mutating func orientation() -> Int? {
    guard u16(2) == 0x2A, let start = u32(4), let entries = u16(start) else { return nil }
    for entry in 0..<entries {
      let offset = start + 2 + 12 * entry
      guard let tag = u16(offset) else { return nil }
      switch tag {
      case 0x0112: return u16(offset + 8)
      case 0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x8298:  // texts
        guard let size = u32(offset + 4), let position = size > 4 ? u32(offset + 8) : 8,
          position + size <= data.count
        else { return nil }
      case 0x011A, 0x011B: guard hasRationals(1, offset) else { return nil }
      case 0x013E: guard hasRationals(2, offset) else { return nil }
      case 0x013F, 0x0214: guard hasRationals(6, offset) else { return nil }
      case 0x0211: guard hasRationals(3, offset) else { return nil }
      case 0x0128, 0x0213: guard u16(offset + 8) != nil else { return nil }
      default: break
      }
    }
    return nil
  }

  private func hasRationals(_ count: Int, _ offset: Int) -> Bool {
    guard let position = u32(offset + 8) else { return false }
    return position + 8 * count <= data.count
  }

  private func u16(_ offset: Int) -> Int? {
    guard offset + 1 < data.count else { return nil }
    let (a, b) = (Int(data[offset]), Int(data[offset + 1]))
    return littleEndian ? a | b << 8 : a << 8 | b
  }

  private func u32(_ offset: Int) -> Int? {
    guard let a = u16(offset), let b = u16(offset + 2) else { return nil }
    return littleEndian ? a | b << 16 : a << 16 | b
  }
}

extension Image {
  /// The image turned as an EXIF orientation (1…8) requires.
  func oriented(_ orientation: Int) -> Image {
    switch orientation {
    case 2: flipped(.horizontal)
    case 3: flipped(.both)
    case 4: flipped(.vertical)
    case 5: transposed()
    case 6: transposed().flipped(.horizontal)
    case 7: transposed().flipped(.both)
    case 8: transposed().flipped(.vertical)
    default: self
    }
  }
}
