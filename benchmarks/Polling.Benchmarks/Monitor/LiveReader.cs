using Polling.Benchmarks.Api;

namespace Polling.Benchmarks.Monitor;

/// <summary>Asks the admin API for what the monitor shows. Accounts, which cost the API more, are asked for every few looks.</summary>
internal sealed class LiveReader(PollingApi api, TimeProvider time)
{
    private const int PageSize = 200;
    private const int PagesMax = 25;
    private static readonly TimeSpan AccountsEvery = TimeSpan.FromSeconds(5);
    private IReadOnlyList<LiveAccount> _accounts = [];
    private long _total;
    private DateTimeOffset _accountsAt;

    /// <summary>The present view; one that tells so when the API is away.</summary>
    public async Task<LiveView> ReadAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        try
        {
            var overview = await api.GetAsync<Overview>("polling-stats", cancellation);
            if (now - _accountsAt >= AccountsEvery)
            {
                await ReadAccountsAsync(cancellation);
                _accountsAt = now;
            }

            var tasks = overview.Queues.Select(queue => LiveTask.Of(queue, overview.Tasks.Single(task => task.TaskType == queue.TaskType)));
            return new LiveView(now, null, [.. tasks], _accounts, _total, LiveInitialisation.Of(overview.Initialisation));
        }
        catch (ApiException e)
        {
            return LiveView.Away(now, e.Message);
        }
    }

    private async Task ReadAccountsAsync(CancellationToken cancellation)
    {
        var all = new List<AccountFigures>();
        for (var page = 1; page <= PagesMax; page++)
        {
            var answer = await api.GetAsync<AccountPage>($"polling-stats/accounts?window=1m&page={page}&page_size={PageSize}", cancellation);
            all.AddRange(answer.Items);
            _total = answer.Total;
            if ((long)page * PageSize >= answer.Total)
            {
                break;
            }
        }

        _accounts = LiveAccount.Of(all);
    }
}
