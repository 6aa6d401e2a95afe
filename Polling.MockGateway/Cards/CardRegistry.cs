using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Control;

namespace Polling.MockGateway.Cards;

/// <summary>
/// What the carriers know of each card. A share of all cards is real-named from the start; each of the others becomes so after an
/// exponentially distributed time of its own, counted from the start or the last reset. A test may force a card's state.
/// </summary>
/// <remarks>
/// Time is measured in multiples of the mean: the progress made so far is kept when the mean changes, so a slower rate never
/// takes back a card's real name.
/// </remarks>
internal sealed class CardRegistry
{
    private readonly ConcurrentDictionary<CardId, ForcedCard> _forced = new();
    private readonly Lock _gate = new();
    private readonly BehaviourStore _behaviour;
    private readonly Microseconds _clock;
    private readonly long _seed;
    private Progress _progress;

    public CardRegistry(BehaviourStore behaviour, Microseconds clock, IOptions<MockGatewayOptions> options)
    {
        _behaviour = behaviour;
        _clock = clock;
        _seed = options.Value.Seed;
        _progress = new(clock.Now, 0, behaviour.Current.Naming.MeanSeconds);
    }

    /// <summary>Whether the card is real-named now.</summary>
    public bool IsRealNamed(CardId card)
    {
        if (_forced.TryGetValue(card, out var forced) && forced.RealName is { } known)
        {
            return known;
        }

        var naming = _behaviour.Current.Naming;
        return SeededDraw.Of(_seed, SeededDraw.Purpose.InitiallyNamed, card) < naming.InitialShare
            || -Math.Log(1 - SeededDraw.Of(_seed, SeededDraw.Purpose.NamedAfter, card)) <= ProgressAt(naming.MeanSeconds, _clock.Now);
    }

    /// <summary>The only account that may ask about the card, or null: all may.</summary>
    public string? OwnerOf(CardId card) => _forced.TryGetValue(card, out var forced) ? forced.Account : null;

    public ForcedCard Force(CardId card, ForcedCard change) => _forced.AddOrUpdate(
        card,
        change,
        (_, old) => new(change.RealName ?? old.RealName, change.Account ?? old.Account, change.Error ?? old.Error, change.ErrorMessage ?? old.ErrorMessage));

    /// <summary>The error that an account gets for a card instead of what it asks for, or null.</summary>
    public CardRefusal? RefusalOf(CardId card, string account)
    {
        if (!card.IsIccid)
        {
            return new(CarrierStatus.Parameters, CarrierStatus.MessageOf(CarrierStatus.Parameters));
        }

        var forced = _forced.GetValueOrDefault(card);
        return forced?.Account is { } owner && !string.Equals(owner, account, StringComparison.Ordinal)
            ? new(CarrierStatus.NotYourCard, CarrierStatus.MessageOf(CarrierStatus.NotYourCard))
            : forced?.Error is { Length: > 0 } error ? new(error, forced.ErrorMessage ?? CarrierStatus.MessageOf(error))
            : null;
    }

    public void Reset()
    {
        lock (_gate)
        {
            _forced.Clear();
            _progress = new(_clock.Now, 0, _behaviour.Current.Naming.MeanSeconds);
        }
    }

    private double ProgressAt(double meanSeconds, long now)
    {
        var progress = Volatile.Read(ref _progress);
        if (progress.MeanSeconds == meanSeconds)
        {
            return progress.At(now);
        }

        lock (_gate)
        {
            if (_progress.MeanSeconds != meanSeconds)
            {
                Volatile.Write(ref _progress, new(now, _progress.At(now), meanSeconds));
            }

            return _progress.At(now);
        }
    }

    /// <summary>Progress made by <paramref name="SinceUs"/>, and the mean that applies from then on (0: none is made).</summary>
    private sealed record Progress(long SinceUs, double Made, double MeanSeconds)
    {
        public double At(long now) => MeanSeconds <= 0 ? Made : Made + (Math.Max(0, now - SinceUs) / (double)Microseconds.PerSecond / MeanSeconds);
    }
}

/// <summary>What a test forced upon a card; null leaves it as drawn.</summary>
/// <param name="RealName">Whether it is real-named.</param>
/// <param name="Account">The only account that may ask about it.</param>
/// <param name="Error">The code that every question about it gets; empty: none.</param>
/// <param name="ErrorMessage">The words with it.</param>
internal sealed record ForcedCard(bool? RealName, string? Account, string? Error, string? ErrorMessage);

/// <summary>What a carrier says instead of an answer about a card.</summary>
internal readonly record struct CardRefusal(string Code, string Message);
