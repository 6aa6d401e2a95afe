using Npgsql;

namespace Polling.Core.Persistence;

/// <summary>Commands whose parameters are $1, $2, … in the order given; the type of a null is what the statement makes of it.</summary>
internal static class PositionalCommands
{
    public static NpgsqlCommand Command(this NpgsqlDataSource postgres, string sql, params ReadOnlySpan<object?> values) =>
        Fill(postgres.CreateCommand(sql), values);

    public static NpgsqlCommand Command(this NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, params ReadOnlySpan<object?> values) =>
        Fill(new NpgsqlCommand(sql, connection, transaction), values);

    private static NpgsqlCommand Fill(NpgsqlCommand command, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }
}
