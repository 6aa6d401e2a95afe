using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Polling.Benchmarks.Engine;

/// <summary>
/// The moves of a card's cycle as bare commands, without scripts, limits or truth: out of the schedule, into the queue, out of
/// it, under lease, out of it, into the schedule. Six commands a card, pipelined 100 cards at a time over one connection, by a client that
/// does nothing else: what Redis can do when it is asked for nothing more.
/// </summary>
internal sealed class BareMoves(int port)
{
    private const int Accounts = 50;
    private const int CardsPerBatch = 100;
    private const int CommandsPerCard = 6;
    private const int ReplyBytes = 4; // ":1\r\n", each
    private const int BatchesUnderWay = 4;

    /// <summary>Fills the schedules.</summary>
    public static async Task SeedAsync(StackExchange.Redis.IDatabase redis, int cards)
    {
        for (var account = 0; account < Accounts; account++)
        {
            var first = account * (cards / Accounts);
            foreach (var chunk in Enumerable.Range(first, cards / Accounts).Chunk(5_000))
            {
                await redis.SortedSetAddAsync(Schedule(account), Array.ConvertAll(chunk, id => new StackExchange.Redis.SortedSetEntry(id, Due(id))));
            }
        }
    }

    /// <summary>Runs for a time.</summary>
    /// <returns>Cards a second.</returns>
    public async Task<double> RunAsync(int cards, TimeSpan time)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port);
        await using var stream = client.GetStream();
        using var window = new SemaphoreSlim(BatchesUnderWay);
        var started = System.Diagnostics.Stopwatch.StartNew();
        var sent = 0L;
        var ended = 0L;
        var done = false;
        var reading = Task.Run(async () =>
        {
            var reply = new byte[CardsPerBatch * CommandsPerCard * ReplyBytes];
            while (!Volatile.Read(ref done) || Volatile.Read(ref ended) < Volatile.Read(ref sent))
            {
                await stream.ReadExactlyAsync(reply);
                if (Encoding.ASCII.GetString(reply).Replace(":1\r\n", "", StringComparison.Ordinal) is { Length: > 0 } wrong)
                {
                    throw new InvalidOperationException($"A bare command did not do what it was to do: {wrong[..Math.Min(80, wrong.Length)]}");
                }

                Interlocked.Increment(ref ended);
                window.Release();
            }
        });
        var text = new StringBuilder();
        while (started.Elapsed < time)
        {
            text.Clear();
            var batch = sent;
            var account = (int)(batch % Accounts);
            var perAccount = cards / Accounts;
            var first = (int)(batch / Accounts * CardsPerBatch % perAccount);
            for (var i = 0; i < CardsPerBatch; i++)
            {
                Append(text, account, account * perAccount + (first + i) % perAccount, sent);
            }

            await window.WaitAsync();
            Interlocked.Increment(ref sent);
            if (started.Elapsed >= time)
            {
                Volatile.Write(ref done, true);
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()));
        }

        Volatile.Write(ref done, true);
        await reading.WaitAsync(TimeSpan.FromSeconds(30));
        return sent * CardsPerBatch / started.Elapsed.TotalSeconds;
    }

    private static void Append(StringBuilder text, int account, int id, long round)
    {
        var card = id.ToString(CultureInfo.InvariantCulture);
        var due = Due(id + (int)(round % 1_000)).ToString(CultureInfo.InvariantCulture);
        Command(text, "ZREM", Schedule(account), card);
        Command(text, "ZADD", "bare:queue", due, card);
        Command(text, "ZREM", "bare:queue", card);
        Command(text, "ZADD", "bare:lease", due, card);
        Command(text, "ZREM", "bare:lease", card);
        Command(text, "ZADD", Schedule(account), due, card);
    }

    private static void Command(StringBuilder text, params ReadOnlySpan<string> parts)
    {
        text.Append('*').Append(parts.Length).Append("\r\n");
        foreach (var part in parts)
        {
            text.Append('$').Append(part.Length).Append("\r\n").Append(part).Append("\r\n");
        }
    }

    private static string Schedule(int account) => string.Create(CultureInfo.InvariantCulture, $"bare:schedule:{account}");

    // Anywhere in an hour, as phases are.
    private static long Due(int id) => 1_800_000_000_000 + (long)id * 10_368_889 % 3_600_000;
}
