using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Polling.AdminApi.OpenApi;

/// <summary>What the framework does not say of a type by itself: names of an enum's numbers, allowed values, and what our problem details have besides.</summary>
internal static class SchemaDescription
{
    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type.IsEnum)
        {
            DescribeNumbers(schema, type);
        }
        else if (type == typeof(ProblemDetails))
        {
            DescribeProblem(schema);
        }

        if (context.JsonPropertyInfo?.AttributeProvider is { } property
            && property.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: true) is [AllowedValuesAttribute allowed, ..])
        {
            schema.Enum = [.. allowed.Values.Select(value => (JsonNode)(value is int number ? JsonValue.Create(number) : JsonValue.Create($"{value}")))];
        }

        return Task.CompletedTask;
    }

    private static void DescribeNumbers(OpenApiSchema schema, Type type)
    {
        var numbers = type.GetEnumValues().Cast<object>().Select(value => (
            Number: Convert.ToInt32(value, CultureInfo.InvariantCulture), Name: JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()!))).ToArray();
        schema.Enum = [.. numbers.Select(value => (JsonNode)JsonValue.Create(value.Number))];
        schema.Description = $"{schema.Description} {string.Join(", ", numbers.Select(value => $"{value.Number} = {value.Name}"))}.".Trim();
    }

    private static void DescribeProblem(OpenApiSchema schema)
    {
        schema.Description = "What went wrong, and what would be right (RFC 9457). Some problems have more fields.";
        schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
        schema.Properties["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "Each mistake of a request; at most 20.",
            Items = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new SortedSet<string>(["field", "rule", "value"]),
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["field"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Field or parameter." },
                    ["value"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What was sent, at most 100 characters." },
                    ["rule"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What would be right." },
                },
            },
        };
        schema.Properties["trace_id"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Leads to the request in logs (trace=…), traces and the audit log." };
    }
}
