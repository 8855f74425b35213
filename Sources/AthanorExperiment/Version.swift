/// The version that records of runs name.
public let athanorVersion = "0.1.0"
