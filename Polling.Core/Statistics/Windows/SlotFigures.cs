using System.Buffers.Text;
using System.Text;
using Polling.Core.Queue.Lateness;
using StackExchange.Redis;

namespace Polling.Core.Statistics.Windows;

/// <summary>What a figure counts; <see cref="Tally"/> tells their names.</summary>
internal enum FigureKind : byte
{
    Admitted,
    Calls,
    Success,
    Failed,
    Refused,
    DurationMs,
    Duration,
    Lateness,
    Code,
}

/// <summary>A count of a slot. There are some thousand in each, so they are small and their names are not kept.</summary>
/// <param name="Account">The account; 0 = all of the task type.</param>
/// <param name="Kind">What it counts.</param>
/// <param name="Cause">Of a lateness.</param>
/// <param name="Bucket">Of a duration or a lateness (<see cref="LogScale"/>).</param>
/// <param name="Count">The count.</param>
internal readonly record struct SlotFigure(int Account, FigureKind Kind, LatenessCause Cause, short Bucket, long Count);

/// <summary>All counts of a slot.</summary>
/// <param name="Figures">All but the codes.</param>
/// <param name="Codes">Failures by code; of a task type only.</param>
internal sealed record SlotFigures(IReadOnlyList<SlotFigure> Figures, IReadOnlyList<KeyValuePair<string, long>> Codes)
{
    private static readonly (byte[] Name, FigureKind Kind)[] Plain =
    [
        ("admitted"u8.ToArray(), FigureKind.Admitted), ("calls"u8.ToArray(), FigureKind.Calls), ("success"u8.ToArray(), FigureKind.Success),
        ("failed"u8.ToArray(), FigureKind.Failed), ("refused"u8.ToArray(), FigureKind.Refused), ("duration_ms"u8.ToArray(), FigureKind.DurationMs),
    ];

    private static readonly (byte[] Name, LatenessCause Cause)[] Causes =
        [.. Enum.GetValues<LatenessCause>().Select(cause => (Encoding.UTF8.GetBytes(cause.Name()), cause))];

    /// <summary>Reads a slot's hash.</summary>
    /// <param name="entries">The hash.</param>
    /// <param name="ofAccounts">Whether its fields begin with "&lt;account&gt;:". What is no figure is passed over.</param>
    public static SlotFigures Read(HashEntry[] entries, bool ofAccounts)
    {
        var figures = new List<SlotFigure>(entries.Length);
        var codes = new List<KeyValuePair<string, long>>();
        foreach (var entry in entries)
        {
            var name = ((ReadOnlyMemory<byte>)entry.Name).Span;
            var account = 0;
            if (ofAccounts)
            {
                if (!Utf8Parser.TryParse(name, out account, out var read) || read >= name.Length)
                {
                    continue;
                }

                name = name[(read + 1)..];
            }

            if (Find(name) is not { } found)
            {
                continue;
            }

            if (found.Kind == FigureKind.Code)
            {
                codes.Add(KeyValuePair.Create(Encoding.UTF8.GetString(name[2..]), (long)entry.Value));
            }
            else
            {
                figures.Add(new SlotFigure(account, found.Kind, found.Cause, found.Bucket, (long)entry.Value));
            }
        }

        return new SlotFigures(figures.ToArray(), codes);
    }

    private static (FigureKind Kind, LatenessCause Cause, short Bucket)? Find(ReadOnlySpan<byte> name)
    {
        if (name.StartsWith("d:"u8))
        {
            return BucketOf(name[2..]) is { } bucket ? (FigureKind.Duration, default, bucket) : null;
        }

        if (name.StartsWith("l:"u8) && name.LastIndexOf((byte)':') is > 1 and var colon)
        {
            return BucketOf(name[(colon + 1)..]) is { } bucket ? (FigureKind.Lateness, CauseOf(name[2..colon]), bucket) : null;
        }

        if (name.StartsWith("e:"u8))
        {
            return (FigureKind.Code, default, 0);
        }

        foreach (var (text, kind) in Plain)
        {
            if (name.SequenceEqual(text))
            {
                return (kind, default, 0);
            }
        }

        return null;
    }

    private static short? BucketOf(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out short bucket, out var read) && read == text.Length && bucket >= 0 ? Math.Min(bucket, LogScale.BucketMax) : null;

    private static LatenessCause CauseOf(ReadOnlySpan<byte> name)
    {
        foreach (var (text, cause) in Causes)
        {
            if (name.SequenceEqual(text))
            {
                return cause;
            }
        }

        return LatenessCause.Worker;
    }
}
