// Each test starts a whole system, and most of them mainly wait: four at a time, more would make their bounds in seconds mean nothing.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 4)]
