import COneDNN
import COpenBLAS

/// The numerical libraries, for records: another version may round differently.
public enum Libraries {
  /// `oneDNN 2.6.3, OpenBLAS 0.3.21 (Zen)`: what is in the brackets are the kernels that OpenBLAS
  /// chose for this CPU.
  public static let description: String = {
    let version = Int(athanor_dnnl_version())
    let oneDNN = "\(version / 10_000).\(version / 100 % 100).\(version % 100)"
    let words = String(cString: openblas_get_config()).split(separator: " ").prefix(2)
    return "oneDNN \(oneDNN), \(words.joined(separator: " ")) "
      + "(\(String(cString: openblas_get_corename())))"
  }()
}
