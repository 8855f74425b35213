@_exported import AthanorLab
