using System.Diagnostics;
using Polling.Core.Configuration;
using Polling.Core.Queue.Audit;

namespace Polling.Benchmarks.Engine;

/// <summary>What a whole round of the audit costs Redis: every card of every task compared with its places, nothing to mend.</summary>
internal sealed class AuditCost(EngineQueue queue)
{
    private const int PageSize = 5_000;

    public async Task<(TimeSpan ServerCpu, TimeSpan Took)> MeasureAsync(int cards)
    {
        var (cpu, started) = (await queue.ServerCpuAsync(), Stopwatch.GetTimestamp());
        for (var from = 1; from <= cards; from += PageSize)
        {
            var page = Enumerable.Range(from, Math.Min(PageSize, cards - from + 1)).Select(EngineQueue.Card).ToArray();
            if ((await queue.Audit.LookAsync(TaskTypes.All, page)).Any(findings => findings.Any(finding => finding != AuditFinding.Fine)))
            {
                throw new InvalidOperationException("The audit found cards that are not where they were placed.");
            }
        }

        return (await queue.ServerCpuAsync() - cpu, Stopwatch.GetElapsedTime(started));
    }
}
