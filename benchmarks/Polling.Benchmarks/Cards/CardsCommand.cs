using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Polling.Benchmarks.Units;
using Polling.Benchmarks.Words;
using Polling.Core.Persistence;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Cards;

/// <summary>Fills a system's database with made-up cards.</summary>
internal sealed class CardsCommand : AsyncCommand<CardsSettings>
{
    private static readonly TimeSpan MigratedWithin = TimeSpan.FromSeconds(30);

    public override async Task<int> ExecuteAsync(CommandContext context, CardsSettings settings, CancellationToken cancellationToken)
    {
        var cards = OptionText.Number("--cards", settings.Cards, 1, LoadFleet.CardsMax);
        var seed = OptionText.Number("--seed", settings.Seed, 0, int.MaxValue);
        var accounts = (int?)OptionText.NumberOrNull("--accounts", settings.Accounts, LoadFleet.Carriers.Count, 4000) ?? LoadFleet.AccountsOf(cards);
        var spread = CardSpread.Of(cards, accounts);
        if (settings.DryRun)
        {
            SpreadTables.Print(spread, seed, settings.Json);
            return 0;
        }

        await using var database = Connect(settings.Postgres);
        try
        {
            await WaitForMigrationsAsync(database, cancellationToken);
            await FillAsync(new CardWriter(database, spread), spread, seed, settings, cancellationToken);
            return 0;
        }
        catch (NpgsqlException e)
        {
            throw new WordException($"PostgreSQL: {e.Message}", WordException.Failed);
        }
        catch (TimeoutException e)
        {
            throw new WordException($"{e.Message}", WordException.Failed);
        }
    }

    private static async Task FillAsync(CardWriter writer, CardSpread spread, long seed, CardsSettings settings, CancellationToken cancellation)
    {
        if (await writer.CountCardsAsync(cancellation) is > 0 and var held && !settings.Append)
        {
            throw new WordException($"The database has cards already (about {HumanNumber.Of(held)}): --append adds to them. (A development system starts without any with --Polling:DemoCards=0.)");
        }

        var first = await writer.NextNumberAsync(cancellation);
        var clock = Stopwatch.StartNew();
        await WordProgress.RunAsync(
            "cards", spread.Cards, settings.Json, report => writer.WriteAsync(new CardGenerator(spread, seed, first).Generate(), report, cancellation));
        var seconds = clock.Elapsed.TotalSeconds;
        var redis = settings.Redis ?? (settings.Postgres is null ? CardsSettings.RedisDefault : "none");
        var told = redis != "none" && await InitialisationRestart.TryAsync(redis);
        if (settings.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                cards = spread.Cards,
                accounts = spread.Accounts.Count,
                seed,
                first_number = first,
                seconds = Math.Round(seconds, 3),
                initialisation_restarted = told,
            }));
            return;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{spread.Cards:N0} cards of {spread.Accounts.Count} accounts in {HumanTime.Of(seconds)} ({spread.Cards / seconds:N0}/s), seed {seed}."));
        Console.WriteLine(told ? $"The schedulers at {redis} load them now; the word monitor shows how far they are."
            : redis == "none" ? "Running schedulers find them by their audit, within minutes."
            : $"Redis at {redis} does not answer: schedulers load them when they start, or find them by their audit.");
    }

    private static NpgsqlDataSource Connect(string? connection)
    {
        try
        {
            return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection ?? CardsSettings.PostgresDefault) { CommandTimeout = 600 });
        }
        catch (ArgumentException e)
        {
            throw new WordException($"--postgres is no connection string: {e.Message} One is: Host=127.0.0.1;Port=5432;Username=...;Password=...;Database=polling");
        }
    }

    // As the services do that do not migrate themselves.
    private static async Task WaitForMigrationsAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton(database)
            .AddDbContext<PollingDbContext>(options => options.UseNpgsql(database)).BuildServiceProvider();
        await services.WaitForMigrationsAsync(MigratedWithin, cancellation);
    }
}
