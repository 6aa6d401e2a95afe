// Each test starts a whole system, and most of them mainly wait: two at a time, so that their bounds in seconds still mean something.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 2)]
