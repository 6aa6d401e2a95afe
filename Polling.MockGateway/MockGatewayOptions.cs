using Microsoft.Extensions.Options;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Clock;
using Polling.MockGateway.Control;
using Polling.MockGateway.Dialects;
using Polling.MockGateway.Ledger;
using Polling.MockGateway.Package;
using Polling.MockGateway.PassThrough;
using Polling.MockGateway.Quotas;
using Polling.MockGateway.Truth;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway;

/// <summary>Section <c>MockGateway</c>: the seed, the ledger's size, and the behaviour that a start and a reset begin with.</summary>
public sealed class MockGatewayOptions
{
    public const string Section = "MockGateway";

    /// <summary>Decides every answer, latency and fault. The same seed gives the same cards the same answers.</summary>
    public long Seed { get; set; } = 20_250_101;

    /// <summary>Card answers kept in memory (about 32 bytes each, and 100 a call): 100 to 50,000,000. The oldest are dropped.</summary>
    public int LedgerCapacity { get; set; } = 2_000_000;

    /// <summary>
    /// Usage is counted in steps of so many seconds from midnight of Asia/Shanghai on, a divisor of 86,400: figures change at the steps only. 0: it grows evenly.
    /// </summary>
    public int UsageStepSeconds { get; set; }

    public Behaviour Behaviour { get; set; } = new();
}

internal sealed class MockGatewayOptionsValidator : IValidateOptions<MockGatewayOptions>
{
    private const int SecondsPerDay = 86_400;

    public ValidateOptionsResult Validate(string? name, MockGatewayOptions options)
    {
        var failures = BehaviourRules.Check(options.Behaviour).Select(failure => failure.ForConfiguration()).ToList();
        if (options.LedgerCapacity is < 100 or > 50_000_000)
        {
            failures.Add($"{MockGatewayOptions.Section}:LedgerCapacity is {options.LedgerCapacity}; it must be from 100 to 50000000");
        }

        if (options.UsageStepSeconds < 0 || (options.UsageStepSeconds > 0 && SecondsPerDay % options.UsageStepSeconds != 0))
        {
            failures.Add($"{MockGatewayOptions.Section}:UsageStepSeconds is {options.UsageStepSeconds}; it must be 0 (none) or a divisor of {SecondsPerDay}, such as 3600");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}

internal static class MockGatewayServices
{
    public static IServiceCollection AddMockGateway(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<MockGatewayOptions>, MockGatewayOptionsValidator>();
        services.AddOptions<MockGatewayOptions>()
            .BindConfiguration(MockGatewayOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        services.AddGatewayClock();
        services.AddSingleton<BehaviourStore>();
        services.AddSingleton<CardRegistry>();
        services.AddSingleton<CallLedger>();
        services.AddSingleton<CarrierAccounts>();
        services.AddSingleton<Microseconds>();
        services.AddSingleton<UsageQuantum>();
        services.AddSingleton<UsageProfiles>();
        services.AddSingleton<CardPackages>();
        services.AddSingleton<CardStates>();
        services.AddSingleton<StopLedger>();
        services.AddSingleton<ToldFigures>();
        services.AddPassThrough();
        services.AddSingleton<CallHandler>();
        services.AddDialects();
        return services;
    }
}
