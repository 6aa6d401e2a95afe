using System.Text.Json;
using Polling.Benchmarks.Api;
using Polling.Benchmarks.Cards;
using Polling.Benchmarks.Words;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.InitConfig;

/// <summary>
/// Gives a system the contract's defaults by its admin API, and the kit's own accounts realistic quotas, first of all: configurations are refused that do
/// not fit. Run again it changes nothing. Other configurations and accounts are left alone.
/// </summary>
internal sealed class InitConfigCommand : AsyncCommand<InitConfigSettings>
{
    private const int PageSize = 1000;

    public override async Task<int> ExecuteAsync(CommandContext context, InitConfigSettings settings, CancellationToken cancellationToken)
    {
        using var api = settings.Connect();
        var log = new ChangeLog(settings);
        try
        {
            await QuotasAsync(api, log, cancellationToken);
            await PermitsAsync(api, log, cancellationToken);
            await ConfigurationsAsync(api, settings, log, cancellationToken);
        }
        catch (ApiException e)
        {
            throw new WordException(e.Message, WordException.Failed);
        }

        log.End();
        return 0;
    }

    private static async Task QuotasAsync(PollingApi api, ChangeLog log, CancellationToken cancellation)
    {
        var plan = (await api.GetAsync<Plan.FleetPlan>("polling-planner", cancellation)).Items.ToDictionary(item => item.AccountId);
        foreach (var account in (await api.GetAsync<JsonElement>("carrier-accounts", cancellation)).GetProperty("items").EnumerateArray())
        {
            var (id, code) = (account.GetProperty("id").GetInt32(), account.GetProperty("code").GetString()!);
            if (!LoadFleet.IsLoadAccount(code) || !plan.TryGetValue(id, out var needs))
            {
                continue;
            }

            // The planner counts cards in use.
            var quota = RealisticQuota.Of((long)(needs.Cards / LoadFleet.InUseShare));
            var carrier = LoadFleet.Carriers.Single(c => code.StartsWith(c.Code + "-", StringComparison.Ordinal));
            var changes = Change.Between(account, new Dictionary<string, object?>
            {
                ["calls_per_second"] = quota.CallsPerSecond,
                ["max_in_flight"] = quota.MaxInFlight,
                ["cards_per_call"] = carrier.CardsPerCall,
            });
            await SaveAsync(log, "account", code, changes, () => api.SendAsync<JsonElement>(HttpMethod.Put, $"carrier-accounts/{id}", Change.Body(changes), cancellation));
        }
    }

    private static async Task PermitsAsync(PollingApi api, ChangeLog log, CancellationToken cancellation)
    {
        foreach (var permits in (await api.GetAsync<JsonElement>("polling-concurrency", cancellation)).GetProperty("items").EnumerateArray())
        {
            var type = permits.GetProperty("task_type").GetString()!;
            var changes = Change.Between(permits, new Dictionary<string, object?> { ["max_concurrency"] = Defaults.MaxConcurrency });
            await SaveAsync(log, "permits", type, changes, () => api.SendAsync<JsonElement>(HttpMethod.Put, $"polling-concurrency/{type}", Change.Body(changes), cancellation));
        }
    }

    private static async Task ConfigurationsAsync(PollingApi api, InitConfigSettings settings, ChangeLog log, CancellationToken cancellation)
    {
        var force = settings.Force ? "?force=true" : "";
        var held = (await api.GetAsync<JsonElement>($"polling-configs?page_size={PageSize}", cancellation)).GetProperty("items").EnumerateArray().ToArray();
        foreach (var wanted in Defaults.Configurations)
        {
            if (held.FirstOrDefault(config => config.GetProperty("name").GetString() == wanted.Name) is not { ValueKind: JsonValueKind.Object } config)
            {
                var body = new Dictionary<string, object?>(wanted.Fields) { ["name"] = wanted.Name };
                await log.DoAsync("configuration", wanted.Name, "added", () => api.SendAsync<JsonElement>(HttpMethod.Post, "polling-configs" + force, body, cancellation));
                continue;
            }

            var changes = Change.Between(config, wanted.Fields);
            var path = $"polling-configs/{config.GetProperty("id").GetInt32()}{force}";
            await SaveAsync(log, "configuration", wanted.Name, changes, () => api.SendAsync<JsonElement>(HttpMethod.Put, path, Change.Body(changes), cancellation));
        }

        foreach (var other in held.Where(config => Defaults.Configurations.All(wanted => wanted.Name != config.GetProperty("name").GetString())))
        {
            log.Note("configuration", other.GetProperty("name").GetString()!, "none of the defaults; left as it is");
        }
    }

    private static async Task SaveAsync(
        ChangeLog log, string kind, string name, IReadOnlyList<Change> changes, Func<Task> saveAsync)
    {
        if (changes.Count > 0)
        {
            await log.DoAsync(kind, name, string.Join(", ", changes), saveAsync);
        }
        else
        {
            log.Unchanged();
        }
    }
}
