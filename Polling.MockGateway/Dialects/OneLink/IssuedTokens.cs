using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Polling.MockGateway.Control;

namespace Polling.MockGateway.Dialects.OneLink;

/// <summary>Tokens that say themselves whose they are and since when, "account~number~issued-µs~seal" in hex, so that none need be kept.</summary>
internal sealed class IssuedTokens(Microseconds clock, BehaviourStore behaviour, IOptions<MockGatewayOptions> options)
{
    private const char Separator = '~';
    private const int Parts = 4;
    private const int LearnedMax = 1_000;
    private const int LearnedLengthMax = 4_096;
    private readonly ConcurrentDictionary<string, string> _learned = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _learnedInOrder = new();
    private readonly long _seed = options.Value.Seed;
    private long _issued;
    private long _expired;

    /// <summary>A new token of an account; the older ones stay good.</summary>
    public string Issue(string account)
    {
        var number = Interlocked.Increment(ref _issued);
        return Write(account, number, clock.Now);
    }

    /// <summary>From now on every token issued so far is refused.</summary>
    public void ExpireAll() => Volatile.Write(ref _expired, Volatile.Read(ref _issued));

    /// <summary>An upstream has answered an account that asked for a token; the last thousand are remembered.</summary>
    public void Learn(JsonElement answer, string account)
    {
        if (TokenIn(answer) is not { Length: <= LearnedLengthMax } token || !_learned.TryAdd(token, account))
        {
            return;
        }

        _learnedInOrder.Enqueue(token);
        if (_learnedInOrder.Count > LearnedMax && _learnedInOrder.TryDequeue(out var oldest))
        {
            _learned.TryRemove(oldest, out _);
        }
    }

    /// <summary>Whose token it is, and whether it is good here (an upstream's is not); null: it is known to nobody.</summary>
    public (string Account, bool IsGood)? Find(string? token)
    {
        var parts = token?.Split(Separator) ?? [];
        return parts.Length == Parts
            && long.TryParse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(parts[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var issuedUs)
            && Write(parts[0], number, issuedUs) == token
            ? (parts[0], number > Volatile.Read(ref _expired) && clock.Now < issuedUs + (behaviour.Current.Access.TokenSeconds * Microseconds.PerSecond))
            : token is not null && _learned.TryGetValue(token, out var account) ? (account, false)
            : null;
    }

    private static string? TokenIn(JsonElement answer) =>
        answer.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Array && result.GetArrayLength() > 0
        && result[0].ValueKind == JsonValueKind.Object && result[0].TryGetProperty("token", out var token) && token.ValueKind == JsonValueKind.String
            ? token.GetString()
            : null;

    private string Write(string account, long number, long issuedUs)
    {
        var seal = (long)(SeededDraw.Of(_seed, SeededDraw.Purpose.Token, SeededDraw.Hash(account) ^ (ulong)issuedUs, number) * (1L << 53));
        return string.Create(CultureInfo.InvariantCulture, $"{account}{Separator}{number:x}{Separator}{issuedUs:x}{Separator}{seal:x}");
    }
}
