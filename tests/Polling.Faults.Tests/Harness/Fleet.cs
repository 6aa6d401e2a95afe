using Npgsql;
using Polling.Core.Configuration;

namespace Polling.Faults.Tests.Harness;

/// <summary>An account of the fleet.</summary>
internal sealed record FleetAccount(int Id, string Code, int Cards, int CardsPerCall, int CallsPerSecond)
{
    /// <summary>When its cards are late, it is not for its quota.</summary>
    public bool HasCallsToSpare => Code != "TIGHT";
}

/// <summary>10,000 cards with ids from 1, polled for two task types: real names every 5 s, usage every 10 s.</summary>
/// <remarks>
/// The account TIGHT has a fifth of the calls that its cards want: it is at its quota at every moment, so whatever lets more through shows. The
/// others have room to catch up after a fault.
/// </remarks>
internal static class Fleet
{
    public const int Cards = 10_000;

    public static IReadOnlyList<FleetAccount> Accounts { get; } =
    [
        new(1, "BULK", 8_000, 100, 520),
        new(2, "TEN", 1_700, 10, 300),
        new(3, "ONE", 100, 1, 260),
        new(4, "TIGHT", 200, 1, 20),
    ];

    public static IReadOnlyList<TaskType> Tasks { get; } = [TaskType.Realname, TaskType.Carddata];

    /// <summary>The account of a card; ids go from 1 through the accounts in their order.</summary>
    public static FleetAccount AccountOf(long card)
    {
        foreach (var account in Accounts)
        {
            if ((card -= account.Cards) <= 0)
            {
                return account;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(card), card, $"The fleet has {Cards} cards.");
    }

    public static long IdOf(string iccid) => long.Parse(iccid.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture);

    public static async Task SeedAsync(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        var accounts = string.Join(", ", Accounts.Select(a => $"({a.Id}, 1, '{a.Code}', '{a.Code}', {a.CallsPerSecond}, {a.CardsPerCall}, 2000, 1)"));
        var first = 1;
        var cards = new List<string>();
        foreach (var account in Accounts)
        {
            cards.Add(
                $"""
                INSERT INTO tb_card (id, iccid, carrier_id, account_id, status, real_name_status)
                SELECT id, '8986' || lpad(id::text, 16, '0'), 1, {account.Id}, 1, 0 FROM generate_series({first}, {first + account.Cards - 1}) AS id;
                """);
            first += account.Cards;
        }

        await using var command = postgres.CreateCommand(
            $"""
            INSERT INTO tb_carrier (id, code, name) VALUES (1, 'C', 'C');
            INSERT INTO tb_carrier_account (id, carrier_id, code, name, calls_per_second, cards_per_call, max_in_flight, status) VALUES {accounts};
            {string.Join('\n', cards)}
            DELETE FROM tb_polling_config;
            INSERT INTO tb_polling_config (name, task_type, interval_seconds) VALUES ('real names', 'realname', 5), ('usage', 'carddata', 10);
            UPDATE tb_polling_concurrency_config SET max_concurrency = 500;
            ANALYZE;
            """);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
