using Polling.AdminApi.OpenApi;

namespace Polling.AdminApi.Configurations;

/// <summary>Polling configurations: which cards are asked how often (operations contract, section 4).</summary>
internal static class ConfigurationsSetup
{
    public static void AddConfigurations(this WebApplicationBuilder builder) => builder.Services.AddScoped<ConfigurationStore>();

    public static void MapConfigurations(this IEndpointRouteBuilder app)
    {
        const string Force = "true does it although an account's quota does not suffice: its cards will be late";
        var configs = app.MapGroup("/api/admin/polling-configs").WithTags("polling-configs")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        configs.MapGet("/", ConfigurationEndpoints.ListAsync)
            .WithSummary("Lists the polling configurations in the order of their ids")
            .WithPages(ConfigurationEndpoints.PageMax, ConfigurationEndpoints.PageSizeMax)
            .WithTaskTypeQuery()
            .WithIntegerQuery("status", "1 = on, 0 = off", 0, 1);
        configs.MapGet("/{id}", ConfigurationEndpoints.GetAsync)
            .WithSummary("One polling configuration").ProducesProblem(StatusCodes.Status404NotFound);
        configs.MapPost("/", ConfigurationEndpoints.CreateAsync)
            .WithSummary("Adds a polling configuration; name, task_type and interval_seconds are needed. In force within 2 s")
            .WithTextQuery("force", Force, "true", "false")
            .WithJsonBody<ConfigurationChange>(required: ["name", "task_type", "interval_seconds"]).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        configs.MapPut("/{id}", ConfigurationEndpoints.UpdateAsync)
            .WithSummary("Changes the fields that are sent; the others keep their values. In force within 2 s")
            .WithTextQuery("force", Force, "true", "false")
            .WithJsonBody<ConfigurationChange>()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        configs.MapDelete("/{id}", ConfigurationEndpoints.DeleteAsync)
            .WithSummary("Deletes a polling configuration; the next one in precedence rules its cards then")
            .WithTextQuery("force", Force)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }
}
