using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Carriers;
using Polling.Core.Persistence;

namespace Polling.AdminApi.Accounts;

/// <summary>A carrier.</summary>
/// <param name="Id">Id.</param>
/// <param name="Code">As CSV files name it.</param>
/// <param name="Name">For people.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record CarrierAnswer(int Id, string Code, string Name, DateTimeOffset CreatedAt)
{
    public static CarrierAnswer Of(Carrier carrier) => new(carrier.Id, carrier.Code, carrier.Name, carrier.CreatedAt);
}

/// <summary>All carriers, in the order of their ids; there are few.</summary>
internal sealed record CarrierListAnswer(IReadOnlyList<CarrierAnswer> Items, int Total);

/// <summary>A new carrier.</summary>
/// <param name="Code">1 to 50 characters, unique.</param>
/// <param name="Name">1 to 100 characters.</param>
internal sealed record NewCarrier(
    [property: StringLength(Carrier.CodeLengthMax, MinimumLength = 1)] string Code,
    [property: StringLength(Carrier.NameLengthMax, MinimumLength = 1)] string Name);

internal static class CarrierEndpoints
{
    private static readonly string CodeRule = $"1 to {Carrier.CodeLengthMax} characters";
    private static readonly string NameRule = $"1 to {Carrier.NameLengthMax} characters";

    public static async Task<Ok<CarrierListAnswer>> ListAsync(PollingDbContext context, CancellationToken cancellationToken)
    {
        var carriers = await context.Carriers.AsNoTracking().OrderBy(carrier => carrier.Id).ToArrayAsync(cancellationToken);
        return TypedResults.Ok(new CarrierListAnswer(Array.ConvertAll(carriers, CarrierAnswer.Of), carriers.Length));
    }

    public static async Task<Results<Created<CarrierAnswer>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, PollingDbContext context, AuditTrail audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var body = await JsonBody.ReadAsync(request, parameters, [], ["code", "name"], cancellationToken);
        var now = clock.SaveTime();
        var carrier = new Carrier { Code = "", Name = "", CreatedAt = now, UpdatedAt = now };
        body.Require("code", CodeRule);
        body.Require("name", NameRule);
        body.Text("code", CodeRule, text =>
        {
            carrier.Code = text.Trim();
            return carrier.Code.Length is > 0 and <= Carrier.CodeLengthMax;
        });
        body.Text("name", NameRule, text =>
        {
            carrier.Name = text.Trim();
            return carrier.Name.Length is > 0 and <= Carrier.NameLengthMax;
        });
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        context.Carriers.Add(carrier);
        try
        {
            await audit.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "The code is taken", detail: $"There is a carrier with the code {carrier.Code} already.");
        }

        return TypedResults.Created($"/api/admin/carriers/{carrier.Id}", CarrierAnswer.Of(carrier));
    }
}
