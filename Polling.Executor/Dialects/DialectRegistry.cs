using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects;

/// <summary>The dialect of each account.</summary>
internal sealed class DialectRegistry(IEnumerable<IDialect> dialects)
{
    public IDialect Of(GatewayAccount account) => dialects.First();
}
