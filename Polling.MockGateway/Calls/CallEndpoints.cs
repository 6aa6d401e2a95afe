using Polling.MockGateway.CardData;
using Polling.MockGateway.Package;
using Polling.MockGateway.RealName;

namespace Polling.MockGateway.Calls;

/// <summary><c>POST /gateway/{accountCode}/{task}</c>: the carrier's side.</summary>
internal static class CallEndpoints
{
    public static IServiceCollection AddCarrierTasks(this IServiceCollection services) => services
        .AddSingleton<ICarrierTask, RealNameTask>()
        .AddSingleton<ICarrierTask, CardDataTask>()
        .AddSingleton<ICarrierTask, PackageTask>()
        .AddSingleton<CallHandler>();

    public static void MapCarrierTasks(this IEndpointRouteBuilder app)
    {
        var handler = app.ServiceProvider.GetRequiredService<CallHandler>();
        foreach (var task in app.ServiceProvider.GetServices<ICarrierTask>())
        {
            app.MapPost("/gateway/{accountCode}/" + task.Name, context => handler.HandleAsync(context, task));
        }
    }
}
