using System.Text.Json;
using Polling.Benchmarks.Api;
using Polling.Benchmarks.Words;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Plan;

/// <summary>Shows the planner's answers as tables.</summary>
internal sealed class PlanCommand : AsyncCommand<PlanSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, PlanSettings settings, CancellationToken cancellationToken)
    {
        var path = settings.Path();
        using var api = settings.Connect();
        try
        {
            var answer = await api.GetAsync<JsonElement>(path, cancellationToken);
            if (settings.Json)
            {
                Console.WriteLine(answer.GetRawText());
            }
            else if (settings.IsWhatIf)
            {
                PlanTables.Print(answer.Deserialize<QuotaAnswer>(PollingApi.Json)!);
            }
            else
            {
                PlanTables.Print(answer.Deserialize<FleetPlan>(PollingApi.Json)!, settings.Account is not null);
            }

            return 0;
        }
        catch (ApiException e)
        {
            throw new WordException(e.Message, WordException.Failed);
        }
    }
}
