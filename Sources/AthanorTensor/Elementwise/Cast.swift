import AthanorKernels

extension Tensor {
  /// The elements in another type; between floating types the gradient is cast back.
  ///
  /// To an integer: rounded towards zero and clamped to the type's range; NaN becomes 0.
  public func cast(to dtype: DType) -> Tensor {
    guard dtype != self.dtype else { return self }
    let result =
      switch self.dtype {
      case .float32: converted(from: Float.self, to: dtype)
      case .float64: converted(from: Double.self, to: dtype)
      case .int64: converted(from: Int64.self, to: dtype)
      case .int32: converted(from: Int32.self, to: dtype)
      case .uint8: converted(from: UInt8.self, to: dtype)
      }
    guard self.dtype.isFloating, dtype.isFloating else { return result }
    return result.computed(from: self) { [source = self.dtype] in $0.cast(to: source) }
  }

  private func converted<S: TensorScalar & ConvertibleToDouble>(
    from: S.Type, to dtype: DType
  ) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype)
    let source = pointer(to: S.self)
    parallelRanges(count, grain: Self.grain) { range in
      switch dtype {
      case .float32:
        let out = result.pointer(to: Float.self)
        for i in range { out[i] = Float(source[i].asDouble) }
      case .float64:
        let out = result.pointer(to: Double.self)
        for i in range { out[i] = source[i].asDouble }
      case .int64:
        let out = result.pointer(to: Int64.self)
        for i in range {
          out[i] = Int64(clamped(source[i].asDouble, -0x1p63, 0x1.fffffffffffffp62))
        }
      case .int32:
        let out = result.pointer(to: Int32.self)
        for i in range { out[i] = Int32(clamped(source[i].asDouble, -0x1p31, 0x1p31 - 1)) }
      case .uint8:
        let out = result.pointer(to: UInt8.self)
        for i in range { out[i] = UInt8(clamped(source[i].asDouble, 0, 255)) }
      }
    }
    return result
  }
}

@inline(__always)
private func clamped(_ x: Double, _ low: Double, _ high: Double) -> Double {
  x.isNaN ? 0 : min(high, max(low, x))
}

protocol ConvertibleToDouble {
  var asDouble: Double { get }
}

extension Float: ConvertibleToDouble { var asDouble: Double { Double(self) } }
extension Double: ConvertibleToDouble { var asDouble: Double { self } }
extension Int64: ConvertibleToDouble { var asDouble: Double { Double(self) } }
extension Int32: ConvertibleToDouble { var asDouble: Double { Double(self) } }
extension UInt8: ConvertibleToDouble { var asDouble: Double { Double(self) } }
