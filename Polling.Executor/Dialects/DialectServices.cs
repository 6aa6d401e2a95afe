using System.Reflection;
using Polling.Core.Carriers;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects;

/// <summary>Registers the dialects: every <see cref="IDialect"/> there is, and what its folder registers for it.</summary>
internal static class DialectServices
{
    public static IServiceCollection AddDialects(this IServiceCollection services)
    {
        foreach (var type in Assembly.GetExecutingAssembly().GetTypes().Where(type => type is { IsClass: true, IsAbstract: false }))
        {
            if (typeof(IDialect).IsAssignableFrom(type))
            {
                services.AddSingleton(typeof(IDialect), type);
            }
            else if (typeof(IDialectPart).IsAssignableFrom(type))
            {
                services.AddSingleton(type);
            }
        }

        return services.AddSingleton<DialectRegistry>();
    }
}

/// <summary>A singleton that a dialect needs besides itself.</summary>
internal interface IDialectPart;

/// <summary>The dialect of each account.</summary>
/// <exception cref="InvalidOperationException">A dialect that accounts may have is not there, or there twice.</exception>
internal sealed class DialectRegistry
{
    private readonly Dictionary<CarrierDialect, IDialect> _dialects;

    public DialectRegistry(IEnumerable<IDialect> dialects)
    {
        var found = dialects.ToLookup(dialect => dialect.Dialect);
        foreach (var dialect in Enum.GetValues<CarrierDialect>())
        {
            if (found[dialect].Count() != 1)
            {
                throw new InvalidOperationException($"Dialect {dialect.Name()} is spoken by {found[dialect].Count()} classes; it must be one.");
            }
        }

        _dialects = found.ToDictionary(group => group.Key, group => group.Single());
    }

    public IDialect Of(CarrierDialect dialect) => _dialects[dialect];

    public IDialect Of(GatewayAccount account) => _dialects[account.Dialect];
}
