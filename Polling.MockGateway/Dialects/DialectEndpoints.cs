using System.Reflection;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Dialects.OneLink;

namespace Polling.MockGateway.Dialects;

/// <summary>Finds every dialect there is, and maps it.</summary>
internal static class DialectEndpoints
{
    public static IServiceCollection AddDialects(this IServiceCollection services)
    {
        foreach (var type in Assembly.GetExecutingAssembly().GetTypes().Where(type => type.IsClass && typeof(IMockDialect).IsAssignableFrom(type)))
        {
            services.AddSingleton(typeof(IMockDialect), type);
        }

        return services.AddSingleton<IssuedTokens>();
    }

    public static void MapDialects(this IEndpointRouteBuilder app)
    {
        var calls = app.ServiceProvider.GetRequiredService<CallHandler>();
        foreach (var dialect in app.ServiceProvider.GetServices<IMockDialect>())
        {
            dialect.Map(app, calls);
        }
    }
}
