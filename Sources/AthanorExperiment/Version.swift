/// The version that is written into the records of runs.
public let athanorVersion = "0.1.0"
