using System.Globalization;
using Npgsql;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Startup;
using Polling.Core.Access;
using Polling.Core.AuditLog;
using Polling.Core.Persistence;
using Polling.ServiceDefaults;

namespace Polling.AdminApi.Access;

/// <summary>
/// <c>create-api-key --name … --scope … [--expires-days …]</c>: makes a key where the API does not run yet, because it has none. The key
/// alone goes to standard output; what is said about it goes to standard error.
/// </summary>
internal static class CreateKeyCommand
{
    public const string Name = "create-api-key";
    private const string Usage = $"{Name} --name NAME --scope read|operate|admin [--expires-days DAYS]";
    private const int ExpiresDaysMax = 3650;
    private static readonly string[] Known = ["name", "scope", "expires-days"];

    public static bool IsAsked(string[] args) => args is [Name, ..];

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var (name, scope, expiresAt) = Read(args[1..]);
            var key = await CreateAsync(name, scope, expiresAt);
            await Console.Error.WriteLineAsync(
                $"API key {key.Key.Id} is made: {name}, scope {scope.Name()}, {(expiresAt is { } end ? $"until {end:yyyy-MM-dd HH:mm zzz}" : "without an end")}. It is shown only now:");
            await Console.Out.WriteLineAsync(key.Token);
            return 0;
        }
#pragma warning disable CA1031 // Whatever is wrong is said in one line.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync(
                $"No API key is made: {(e is NpgsqlException postgres ? PostgresRefusal.Explain(postgres) : (e is StartupException ? e : e.GetBaseException()).Message)}");
            return 1;
        }
    }

    private static (string Name, ApiScope Scope, DateTimeOffset? ExpiresAt) Read(string[] args)
    {
        var given = new ConfigurationBuilder().AddCommandLine(args).Build();
        if (args.Length > 0 && !args[0].StartsWith('-'))
        {
            throw new FormatException($"{args[0]} is unknown; usage: {Usage}");
        }

        foreach (var option in given.AsEnumerable().Where(option => !Known.Contains(option.Key)))
        {
            throw new FormatException($"--{option.Key} is unknown; usage: {Usage}");
        }

        var name = given["name"]?.Trim() is { } named && ApiKey.IsName(named)
            ? named
            : throw new FormatException($"--name is \"{given["name"]}\"; it must be {ApiKey.NameRule}; usage: {Usage}");
        var scope = ApiScopes.Find(given["scope"])
            ?? throw new FormatException($"--scope is \"{given["scope"]}\"; it must be one of {ApiScopes.Names}; usage: {Usage}");
        if (given["expires-days"] is not { } days)
        {
            return (name, scope, null);
        }

        return int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ExpiresDaysMax
            ? (name, scope, TimeProvider.System.GetUtcNow().AddDays(number))
            : throw new FormatException($"--expires-days is \"{days}\"; it must be an integer from 1 to {ExpiresDaysMax}");
    }

    private static async Task<NewKeyAnswer> CreateAsync(string name, ApiScope scope, DateTimeOffset? expiresAt)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.AddNpgsqlDataSource("polling");
        builder.AddNpgsqlDbContext<PollingDbContext>("polling");
        builder.AddMigrations();
        builder.AddAuditLog();
        builder.Services.AddSingleton(TimeProvider.System).AddScoped<KeyStore>();
        await using var app = builder.Build();
        await using var scoped = app.Services.CreateAsyncScope();
        await scoped.ServiceProvider.GetRequiredService<MigrationRunner>().RunAsync(CancellationToken.None);
        return await scoped.ServiceProvider.GetRequiredService<KeyStore>()
                .CreateAsync(name, scope, expiresAt, AuditCallers.CommandLine, CancellationToken.None)
            ?? throw new FormatException($"a key with the name {name} is not revoked: choose another name, or revoke that one first");
    }
}
