import AthanorKernels
import AthanorVision
import CppReference
import Testing

/// Neighbourhood filters against OpenCV.
@Suite("Filters against OpenCV", .serialized)
struct FilterParityTests {
  /// One size of every method, their neighbours, and sizes larger than most of the images.
  @Test("median_blur", arguments: [1, 3, 5, 7, 9, 11, 15, 17, 31, 101])
  func medianBlur(size: Int) throws {
    try Case.sweep(channels: [1, 3, 4], seed: 20 + size) { image, _ in
      [
        Case("\(size)", (image.width, image.height, image.channels)) {
          cppref_median_blur($0, $1, Int32(size))
        } ours: {
          AthanorVision.medianBlur($0, into: $1, size: size)
        }
      ]
    }
  }

  @Test("The median of the largest window")
  func largestMedian() throws {
    let image = randomImage(width: 70, height: 60, channels: 1, seed: 3)
    let ours = image.medianBlurred(size: 255)
    var reference = Image(width: 70, height: 60, channels: 1)
    let status = image.pixels.withUnsafeBufferPointer { src in
      reference.pixels.withUnsafeMutableBufferPointer { dst in
        cppref_median_blur(
          cppref_image(data: src.baseAddress, width: 70, height: 60, channels: 1, stride: 70),
          cppref_output(data: dst.baseAddress, width: 70, height: 60, channels: 1, stride: 70), 255)
      }
    }
    #expect(status == 0)
    #expect(ours == reference)
  }
}
