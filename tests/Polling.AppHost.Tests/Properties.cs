// Each test starts a whole system: one after the other, for their bounds in seconds to mean something.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
