using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serilog.Extensions.Logging;

namespace Polling.ServiceDefaults.Logs;

/// <summary>
/// Serilog as one more destination of <see cref="ILogger"/>, for some categories. It is registered as a plain provider so that
/// <c>Logging:LogLevel</c> decides about levels here as everywhere.
/// </summary>
internal sealed class CategoryLoggerProvider(Serilog.Core.Logger logger, Func<string, bool> accepts)
    : ILoggerProvider, ISupportExternalScope, IAsyncDisposable
{
    private readonly SerilogLoggerProvider _inner = new(logger, dispose: true);

    public ILogger CreateLogger(string categoryName) => accepts(categoryName) ? _inner.CreateLogger(categoryName) : NullLogger.Instance;

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _inner.SetScopeProvider(scopeProvider);

    public void Dispose() => _inner.Dispose();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}

/// <summary>Categories that have a file of their own (access.log), and so stay out of the others and off the console.</summary>
internal sealed class DedicatedCategories
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The set of this application; it is filled while services are registered, and read when loggers are made.</summary>
    public static DedicatedCategories Of(IServiceCollection services)
    {
        var found = services.Select(service => service.ImplementationInstance).OfType<DedicatedCategories>().FirstOrDefault();
        if (found is null)
        {
            found = new DedicatedCategories();
            services.AddSingleton(found);
        }

        return found;
    }

    public void Add(string category) => _names.Add(category);

    public bool Contains(string category) => _names.Contains(category);
}
