import COpenBLAS

/// Small dense problems in double precision, by LAPACK.
public enum LinearAlgebra {
  /// The x with a·x = b for a square matrix of rows; nil where it is singular.
  public static func solve(_ a: [[Double]], _ b: [Double]) -> [Double]? {
    // LAPACK is column-major.
    var matrix = a.indices.flatMap { column in a.map { $0[column] } }
    var (x, pivots, info) = (b, [Int32](repeating: 0, count: b.count), Int32(0))
    var (n, one) = (Int32(b.count), Int32(1))
    guard n > 0 else { return [] }
    openblas_set_num_threads(1)
    var (lda, ldb) = (n, n)
    dgesv_(&n, &one, &matrix, &lda, &pivots, &x, &ldb, &info)
    return info == 0 && x.allSatisfy(\.isFinite) ? x : nil
  }

  /// The eigenvalues of a symmetric matrix, ascending, and the unit eigenvector of each.
  public static func symmetricEigen(
    _ a: [[Double]]
  ) -> (values: [Double], vectors: [[Double]]) {
    guard !a.isEmpty else { return ([], []) }
    let size = a.count
    var (matrix, values) = (a.flatMap { $0 }, [Double](repeating: 0, count: size))
    var work = [Double](repeating: 0, count: 34 * size)
    var (n, lda, length, info) = (Int32(size), Int32(size), Int32(34 * size), Int32(0))
    openblas_set_num_threads(1)
    dsyev_("V", "U", &n, &matrix, &lda, &values, &work, &length, &info)
    require(info == 0, "LinearAlgebra.symmetricEigen: no convergence for \(a)")
    return (values, (0..<size).map { Array(matrix[($0 * size)..<(($0 + 1) * size)]) })
  }
}
