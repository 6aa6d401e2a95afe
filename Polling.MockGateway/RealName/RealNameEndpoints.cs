namespace Polling.MockGateway.RealName;

/// <summary><c>POST /gateway/{accountCode}/realname</c>: the carrier's side.</summary>
internal static class RealNameEndpoints
{
    public static void MapRealName(this IEndpointRouteBuilder app)
    {
        var handler = app.ServiceProvider.GetRequiredService<RealNameHandler>();
        app.MapPost("/gateway/{accountCode}/realname", handler.HandleAsync);
    }
}
