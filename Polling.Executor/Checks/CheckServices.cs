using Polling.Executor.CardData;
using Polling.Executor.Package;
using Polling.Executor.RealName;

namespace Polling.Executor.Checks;

/// <summary>Registers the check of each task type.</summary>
internal static class CheckServices
{
    public static IServiceCollection AddTaskChecks(this IServiceCollection services) => services
        .AddSingleton<ITaskCheck, RealNameCheck>()
        .AddSingleton<ITaskCheck, CardDataCheck>()
        .AddSingleton<ITaskCheck, PackageCheck>();
}
