@_exported import AthanorBalancing
@_exported import AthanorCore
@_exported import AthanorData
@_exported import struct AthanorKernels.Component
@_exported import enum AthanorKernels.Connectivity
@_exported import enum AthanorKernels.Threads
@_exported import AthanorLosses
@_exported import AthanorMetrics
@_exported import AthanorNetworks
@_exported import AthanorTasks
@_exported import AthanorTensor
@_exported import AthanorTraining
@_exported import AthanorVision
