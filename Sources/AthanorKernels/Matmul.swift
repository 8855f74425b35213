import COpenBLAS

/// General matrix products on row-major memory.
public enum Matmul {
  /// dst[m,n] = op(a)[m,k] · op(b)[k,n], where op transposes if asked; rows split over the threads.
  ///
  /// OpenBLAS runs single-threaded within each of our threads, so that there is one thread pool.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func multiply<T: FloatingScalar>(
    m: Int, n: Int, k: Int, a: UnsafePointer<T>, transposeA: Bool, b: UnsafePointer<T>,
    transposeB: Bool, dst: UnsafeMutablePointer<T>
  ) {
    openblas_set_num_threads(1)
    let left = transposeA ? CblasTrans : CblasNoTrans
    let right = transposeB ? CblasTrans : CblasNoTrans
    let (lda, ldb) = (Int32(transposeA ? m : k), Int32(transposeB ? k : n))
    parallelRanges(m, grain: max(1, 65536 / max(1, n * k))) { rows in
      let offset = transposeA ? rows.lowerBound : rows.lowerBound * k
      let (count, columns, depth) = (Int32(rows.count), Int32(n), Int32(k))
      let out = dst + rows.lowerBound * n
      if T.self == Float.self {
        cblas_sgemm(
          CblasRowMajor, left, right, count, columns, depth, 1,
          UnsafeRawPointer(a + offset).assumingMemoryBound(to: Float.self), lda,
          UnsafeRawPointer(b).assumingMemoryBound(to: Float.self), ldb, 0,
          UnsafeMutableRawPointer(out).assumingMemoryBound(to: Float.self), columns)
      } else {
        cblas_dgemm(
          CblasRowMajor, left, right, count, columns, depth, 1,
          UnsafeRawPointer(a + offset).assumingMemoryBound(to: Double.self), lda,
          UnsafeRawPointer(b).assumingMemoryBound(to: Double.self), ldb, 0,
          UnsafeMutableRawPointer(out).assumingMemoryBound(to: Double.self), columns)
      }
    }
  }
}
